/** A benchmark's results, as tables and as a file. */

import { useEffect, useMemo, useState } from "react";
import type { BenchReport } from "../../protocol/bench";
import { budgetsOf } from "../../protocol/benchBudgets";
import { benchTables } from "../../protocol/benchTables";
import { Icon } from "../frame/Icon";
import { TableView } from "../frame/TableView";
import { copyReport, fileNameOf, jsonOf } from "./actions";

export function Results({ report }: { readonly report: BenchReport }) {
  const tables = useMemo(() => benchTables(report), [report]);
  const budgets = budgetsOf(report);
  const met = budgets.filter(({ isMet }) => isMet).length;
  return (
    <section className="bench-results" aria-labelledby="bench-results">
      <h2 id="bench-results">Results</h2>
      <p role="status">
        Measured.{" "}
        {met === budgets.length ? "Every budget is met." : `${met} of ${budgets.length} budgets are met.`}
      </p>
      <Actions report={report} />
      {tables.map((table) => (
        <section key={table.title} className="subject" aria-label={table.title}>
          <h3>{table.title}</h3>
          <TableView table={table} label={table.title} />
        </section>
      ))}
    </section>
  );
}

function Actions({ report }: { readonly report: BenchReport }) {
  const url = useJsonUrl(report);
  const [copied, setCopied] = useState<boolean | null>(null);
  return (
    <div className="actions">
      <button type="button" className="button" onClick={() => void copyReport(report).then(setCopied)}>
        <Icon name="copy" />
        Copy JSON
      </button>
      {url !== null && (
        <a className="button" href={url} download={fileNameOf(report)}>
          <Icon name="download" />
          Save JSON
        </a>
      )}
      <span role="status">
        {copied === null ? "" : copied ? "Copied." : "The browser refused to copy; save it instead."}
      </span>
    </div>
  );
}

/** An address of the report's file, for as long as it is on show. */
function useJsonUrl(report: BenchReport): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([jsonOf(report)], { type: "application/json" }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [report]);
  return url;
}
