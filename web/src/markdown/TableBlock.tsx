// A table that scrolls sideways on its own, so that the page never does. Reachable by keyboard for that reason.
import type { Tokens } from "marked";
import { Inline } from "./Inline";

export function TableBlock({ token }: { token: Tokens.Table }) {
  const style = (column: number) => ({ textAlign: token.align[column] ?? undefined }) as const;
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label="Table">
      <table>
        <thead>
          <tr>
            {token.header.map((cell, column) => (
              <th key={column} scope="col" style={style(column)}><Inline tokens={cell.tokens} /></th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} style={style(column)}><Inline tokens={cell.tokens} /></td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
