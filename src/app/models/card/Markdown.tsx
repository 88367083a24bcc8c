/** A text of the model's makers, drawn as part of the page. */

import { useMemo } from "react";
import { type Block, blocksOf, type Inline, type Span } from "./markdown";

/** @param text Markdown; its title is left out, since the page around it has one. */
export function Markdown({ text }: { readonly text: string }) {
  const blocks = useMemo(() => numbered(blocksOf(text)).filter(([, block]) => !isTitle(block)), [text]);
  return (
    <div className="prose">
      {blocks.map(([key, block]) => (
        <BlockView key={key} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case "heading":
      return block.level === 2 ? (
        <h2>
          <Spans text={block.text} />
        </h2>
      ) : (
        <h3>
          <Spans text={block.text} />
        </h3>
      );
    case "paragraph":
      return (
        <p>
          <Spans text={block.text} />
        </p>
      );
    case "code":
      return (
        <pre>
          <code>{block.text}</code>
        </pre>
      );
    case "list":
      return (
        <ul>
          {numbered(block.items).map(([key, item]) => (
            <li key={key}>
              <Spans text={item} />
            </li>
          ))}
        </ul>
      );
    case "table":
      return <TableView head={block.head} rows={block.rows} />;
  }
}

interface TableViewProps {
  readonly head: readonly Inline[];
  readonly rows: readonly (readonly Inline[])[];
}

function TableView({ head, rows }: TableViewProps) {
  return (
    <div className="table-scroll">
      <table>
        <thead>
          <tr>
            {numbered(head).map(([key, cell]) => (
              <td key={key}>
                <Spans text={cell} />
              </td>
            ))}
          </tr>
        </thead>
        <tbody>
          {numbered(rows).map(([key, row]) => (
            <tr key={key}>
              {numbered(row).map(([at, cell]) => (
                <td key={at}>
                  <Spans text={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Spans({ text }: { readonly text: Inline }) {
  return numbered(text).map(([key, span]) => <SpanView key={key} span={span} />);
}

function SpanView({ span: { kind, text, url } }: { readonly span: Span }) {
  switch (kind) {
    case "text":
      return text;
    case "code":
      return <code>{text}</code>;
    case "strong":
      return <strong>{text}</strong>;
    case "link":
      return (
        <a href={url} target="_blank" rel="noreferrer">
          {text}
        </a>
      );
  }
}

const isTitle = (block: Block) => block.kind === "heading" && block.level === 1;

/** A text does not change while it is read, so the place of a part is its name. */
function numbered<T>(parts: readonly T[]): readonly (readonly [number, T])[] {
  return parts.map((part, index) => [index, part] as const);
}
