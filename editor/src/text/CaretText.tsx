import type { CSSProperties, ReactNode } from "react";
import type { PeerCaret } from "./peers.ts";
import { unitsAt } from "./positions.ts";

interface Span {
  readonly key: string;
  readonly name: string;
  readonly colour: string;
  readonly start: number;
  readonly end: number;
  /** Where the bar stands: the end that moves. */
  readonly bar: number;
}

function spansIn(text: string, carets: readonly PeerCaret[]): Span[] {
  return carets.map(({ key, name, colour, from, to }) => {
    const [a, b] = [unitsAt(text, from), unitsAt(text, to)];
    return { key, name, colour, start: Math.min(a, b), end: Math.max(a, b), bar: b };
  });
}

/** Colours come from the client; a style that is none is simply not applied. */
export function colourStyle(colour: string): CSSProperties {
  return { "--peer": colour } as CSSProperties;
}

/** A text with other people's carets and selections in it. Plain text: nothing in it is markup. */
export function CaretText(props: { text: string; carets: readonly PeerCaret[] }): ReactNode {
  const { text, carets } = props;
  if (carets.length === 0) return text;
  const spans = spansIn(text, carets);
  const cuts = new Set([0, text.length, ...spans.flatMap((span) => [span.start, span.end])]);
  const stops = [...cuts].sort((a, b) => a - b);
  return stops.map((stop, i) => {
    const next = stops[i + 1] ?? stop;
    return (
      <span key={stop}>
        {spans
          .filter((span) => span.bar === stop)
          .map((span) => (
            <Bar key={span.key} span={span} />
          ))}
        <Piece text={text.slice(stop, next)} spans={spans} at={stop} />
      </span>
    );
  });
}

function Piece(props: { text: string; spans: readonly Span[]; at: number }): ReactNode {
  const over = props.spans.find((span) => span.start <= props.at && props.at < span.end);
  if (over === undefined) return props.text;
  return (
    <span className="tx-selected" style={colourStyle(over.colour)}>
      {props.text}
    </span>
  );
}

function Bar({ span }: { span: Span }): ReactNode {
  return (
    <span className="tx-caret" style={colourStyle(span.colour)} aria-hidden="true">
      <span className="tx-flag" data-name={span.name} />
    </span>
  );
}
