/** A table of words and numbers. */

interface Table {
  /** The first heads the column that names the rows. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A screen reader says the label. */
export function TableView({ table, label }: { readonly table: Table; readonly label: string }) {
  const [corner, ...columns] = table.columns;
  return (
    // A wide table scrolls by itself, and what scrolls must be within reach of the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
    <section className="table-scroll" tabIndex={0} aria-label={`${label}, table`}>
      <table>
        <thead>
          <tr>
            {corner === "" ? <td /> : <th scope="col">{corner}</th>}
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(([name, ...cells], index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a table does not change while it is shown.
            <tr key={index}>
              <th scope="row">{name}</th>
              {cells.map((cell, column) => (
                <td key={columns[column]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
