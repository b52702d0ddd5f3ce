import type { DiagramView, LiveDiagram } from "@diagramai/client";
import type { JSX } from "react";
import { type ExportFormat, readExport } from "../../api/engine.ts";
import { download, fileName, localFile } from "../../exporting.ts";
import { savedFirst } from "../../savedFirst.ts";
import { useShownTheme } from "../../theme.ts";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { Popover } from "../../ui/Popover.tsx";
import { useBusy } from "../../useBusy.ts";

const FORMATS: readonly { format: ExportFormat; words: string; what: string; icon: IconName }[] = [
  { format: "png", words: "PNG", what: "picture", icon: "picture" },
  { format: "svg", words: "SVG", what: "picture that stays sharp", icon: "picture" },
  { format: "mermaid", words: "Mermaid", what: "text", icon: "mermaid" },
  { format: "json", words: "JSON", what: "everything, to import again", icon: "blank" },
];

interface ExportMenuProps {
  live: LiveDiagram;
  view: DiagramView;
  online: boolean;
}

/** Downloads the diagram as it is shown. Without the server there is only its JSON. */
export function ExportMenu({ live, view, online }: ExportMenuProps): JSX.Element {
  const { busy, run } = useBusy();
  const theme = useShownTheme();
  const save = async (format: ExportFormat): Promise<void> => {
    const name = fileName(view.diagram.title, format);
    if (online) await savedFirst(live);
    const file = online
      ? await readExport(live.id, format, theme)
      : localFile(live.id, view.diagram);
    download(name, file);
  };
  return (
    <Popover
      label={busy ? "Exporting…" : "Export"}
      buttonClass="app-icon-button"
      busy={busy}
      disabled={view.status === "loading"}
      button={<Icon name={busy ? "saving" : "download"} className={busy ? "app-turning" : ""} />}
    >
      {(close) => (
        <ul className="app-menu">
          {FORMATS.map(({ format, words, what, icon }) => (
            <li key={format}>
              <button
                type="button"
                disabled={!online && format !== "json"}
                onClick={() => {
                  close();
                  run(() => save(format));
                }}
              >
                <Icon name={icon} />
                {words} <small>{what}</small>
              </button>
            </li>
          ))}
          {!online && <li className="app-menu-hint">Pictures and Mermaid need the server.</li>}
        </ul>
      )}
    </Popover>
  );
}
