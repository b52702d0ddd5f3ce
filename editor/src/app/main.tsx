import "@fontsource-variable/inter";
import "./tokens.css";
import "./base.css";
import "./ui/ui.css";
import "./start/start.css";
import "./editor/editor.css";
import "./editor/panel/panel.css";
import "./editor/share/share.css";
import "./notices/notices.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { Boundary } from "./Boundary.tsx";
import { startTheme } from "./theme.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
startTheme();
createRoot(root).render(
  <StrictMode>
    <Boundary>
      <App />
    </Boundary>
  </StrictMode>,
);
