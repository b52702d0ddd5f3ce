import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const client = fileURLToPath(new URL("./src/client/index.ts", import.meta.url));
const outDir = fileURLToPath(new URL("../gateway/static", import.meta.url));
/** Tests that start the real server share the machine with it: one file at a time. */
const ALONE = { fileParallelism: false, maxWorkers: 1 } as const;
/** Kinds of files that compress; fonts and pictures are compressed already. */
const TEXTS = new Set([".css", ".html", ".js", ".json", ".svg"]);
/** Bytes below which a compressed answer is hardly smaller. */
const MIN_COMPRESSED_BYTES = 1_024;

/** Puts a compressed twin beside each file, once for all instead of for each request. */
function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    async writeBundle() {
      const entries = await readdir(outDir, { recursive: true, withFileTypes: true });
      const paths = entries
        .filter((entry) => entry.isFile())
        .map((e) => join(e.parentPath, e.name));
      for (const path of paths.filter((each) => TEXTS.has(extname(each)))) {
        const content = await readFile(path);
        if (content.length < MIN_COMPRESSED_BYTES) continue;
        await writeFile(`${path}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), precompress()],
  resolve: { alias: { "@diagramai/client": client } },
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2023",
    // The page's policy lets in no fonts and no scripts from data: addresses.
    assetsInlineLimit: 0,
    // In kB. One file for one page; a second one would only be waited for after the first.
    chunkSizeWarningLimit: 1_000,
  },
  server: {
    proxy: { "/api": "http://127.0.0.1:8080", "/ws": { target: "ws://127.0.0.1:8080", ws: true } },
  },
  test: {
    projects: [
      { extends: true, test: { name: "unit", include: ["tests/unit/**/*.test.{ts,tsx}"] } },
      {
        extends: true,
        test: {
          name: "server",
          include: ["tests/server/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 90_000,
          ...ALONE,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          ...ALONE,
        },
      },
    ],
  },
});
