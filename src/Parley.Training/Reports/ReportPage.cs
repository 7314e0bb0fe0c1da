namespace Parley.Training.Reports;

/// <summary>The report's style sheet and script, as they stand in the file. Colours follow the system's light or dark setting.</summary>
internal static class ReportPage
{
    public const string Style = """
        :root { color-scheme: light dark; --ink: #1d2430; --soft: #6b7686; --line: #e3e7ee; --page: #fff; --first: #2563c9; --second: #c2570c; --faint: #b7cdf0; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #2b3340; --page: #12161d; --first: #6ea8ff; --second: #f2a25c; --faint: #2c4468; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 780px; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
        dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; } dt { color: var(--soft); font-size: .8rem; } dd { margin: 0; font-variant-numeric: tabular-nums; font-weight: 600; }
        figure { margin: 1.5rem 0; } figcaption { font-weight: 600; } figcaption span { font-weight: 400; font-size: .85rem; margin-left: .8rem; }
        figcaption .first { color: var(--first); } figcaption .second { color: var(--second); } figcaption .faint { color: var(--soft); }
        svg { width: 100%; height: auto; display: block; } svg text { font-size: 11px; fill: var(--soft); }
        .grid { stroke: var(--line); } .at { stroke: var(--soft); stroke-dasharray: 3 3; }
        polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round; } polyline.first { stroke: var(--first); } polyline.second { stroke: var(--second); } polyline.faint { stroke: var(--faint); stroke-width: 1; }
        output { display: block; min-height: 1.5em; color: var(--soft); font-size: .85rem; font-variant-numeric: tabular-nums; }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); white-space: pre-wrap; overflow-wrap: anywhere; }
        td:first-child, th { white-space: nowrap; overflow-wrap: normal; } td:nth-child(2) { min-width: 9em; }
        pre { background: color-mix(in srgb, var(--line) 40%, transparent); padding: 1rem; overflow-x: auto; border-radius: 6px; }
        """;

    // The CDATA marks, comments to a browser, keep the page well-formed XML as well.
    public const string Script = """
        //<![CDATA[
        for (const svg of document.querySelectorAll("svg")) {
          const [least, most, from, to] = svg.dataset.x.split(" ").map(Number);
          const curves = [...svg.querySelectorAll("polyline")].map(line => ({ name: line.dataset.name, points: JSON.parse(line.dataset.points) }));
          const mark = svg.querySelector(".at"), output = svg.parentElement.querySelector("output");
          svg.addEventListener("pointermove", event => {
            const box = svg.getBoundingClientRect();
            const pixel = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
            const x = least + (pixel - from) / (to - from) * (most - least);
            const near = points => points.reduce((best, point) => Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best);
            const found = curves.map(curve => [curve.name, near(curve.points)]);
            const at = found[0][1][0], place = from + (at - least) / (most - least) * (to - from);
            mark.setAttribute("x1", place); mark.setAttribute("x2", place);
            output.textContent = "step " + at + ": " + found.map(([name, point]) => name + " " + point[1]).join(", ");
          });
          svg.addEventListener("pointerleave", () => { mark.setAttribute("x1", -9); mark.setAttribute("x2", -9); output.textContent = ""; });
        }
        //]]>
        """;
}
