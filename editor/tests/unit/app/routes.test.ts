import { describe, expect, test } from "vitest";
import {
  diagramPath,
  MAX_FILTER_LENGTH,
  parseRoute,
  startPath,
  trashPath,
} from "../../../src/app/routes.ts";

describe("addresses", () => {
  test("the list, its page and its filter", () => {
    expect(parseRoute("/", "")).toEqual({ name: "start", page: 1, filter: "" });
    expect(parseRoute("/", "?page=3&filter=order%20flow")).toEqual({
      name: "start",
      page: 3,
      filter: "order flow",
    });
  });

  test.each(["0", "-1", "1.5", "x", "1e9", ""])(
    "a page that is none counts as the first: %j",
    (page) => {
      expect(parseRoute("/", `?page=${page}`)).toMatchObject({ page: 1 });
    },
  );

  test("a filter is cut to what the API takes", () => {
    const route = parseRoute("/", `?filter=${"a".repeat(MAX_FILTER_LENGTH + 1)}`);
    expect(route).toMatchObject({ filter: "a".repeat(MAX_FILTER_LENGTH) });
  });

  test("the admin page, with what it is to show", () => {
    expect(parseRoute("/admin", "?tab=audit")).toEqual({ name: "admin", query: "?tab=audit" });
  });

  test("every id comes back from its address", () => {
    for (const id of ["5b0f0f5e-6a54", "a/b", "ä ?#%", "__proto__"]) {
      expect(parseRoute(diagramPath(id), "")).toEqual({ name: "diagram", id });
    }
  });

  test.each(["/d/", "/d", "/d/a/b", "/d/%E0%A4%A", "/x", "//"])("%s is no page", (path) => {
    expect(parseRoute(path, "")).toEqual({ name: "unknown" });
  });

  test("the trash, and where a share link leads", () => {
    expect(parseRoute("/trash", "")).toEqual({ name: "trash", page: 1 });
    expect(parseRoute("/trash", trashPath(3).slice("/trash".length))).toMatchObject({ page: 3 });
    expect(trashPath()).toBe("/trash");
    expect(parseRoute("/share", "")).toEqual({ name: "share" });
  });

  test("defaults are left out of the list's address", () => {
    expect(startPath()).toBe("/");
    expect(startPath(2, "a&b")).toBe("/?page=2&filter=a%26b");
  });
});
