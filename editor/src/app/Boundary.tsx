import { Component, type ReactNode } from "react";
import { Message } from "./Message.tsx";
import { startPath } from "./routes.ts";
import { Button } from "./ui/Button.tsx";

interface BoundaryState {
  readonly failed: boolean;
}

/** Shows a page that says so where a defect of ours would leave an empty one. The browser's console has the details. */
export class Boundary extends Component<{ children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { failed: false };

  static getDerivedStateFromError(): BoundaryState {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <Message
        title="Something failed on this page"
        text="What you did is kept in this browser and sent when the page is loaded again."
      >
        <Button look="primary" onClick={() => location.reload()}>
          Load again
        </Button>
        <a className="app-button app-button-plain" href={startPath()}>
          To your diagrams
        </a>
      </Message>
    );
  }
}
