import type { DiagramView, LiveDiagram } from "@diagramai/client";
import type { JSX } from "react";
import { download, exportText, fileName } from "../../exporting.ts";
import { IconButton } from "../../ui/Button.tsx";

interface ExportButtonProps {
  live: LiveDiagram;
  view: DiagramView;
  online: boolean;
}

/** Downloads the diagram as it is shown. */
export function ExportButton({ live, view, online }: ExportButtonProps): JSX.Element {
  const save = async (): Promise<void> => {
    const fresh = online && !view.saving;
    download(fileName(view.diagram.title), await exportText(live.id, view.diagram, fresh));
  };
  return (
    <IconButton
      icon="download"
      label="Export as JSON"
      disabled={view.status === "loading"}
      onClick={() => void save()}
    />
  );
}
