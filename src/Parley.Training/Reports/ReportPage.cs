using System.Globalization;
using System.Text;

namespace Parley.Training.Reports;

/// <summary>What all reports share: the frame of the page, its style sheet and its script. Colours follow the system's light or dark setting.</summary>
internal static class ReportPage
{
    public const string Style = """
        :root { color-scheme: light dark; --ink: #1d2430; --soft: #5f6b7c; --line: #e3e7ee; --page: #fff; --card: #f8f9fb; --first: #2563c9; --second: #c2570c; --faint: #b7cdf0;
          --third: #0f7b6c; --fourth: #9333a8; --fifth: #a16207; --sixth: #be123c; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #2b3340; --page: #12161d; --card: #181d26; --first: #6ea8ff; --second: #f2a25c; --faint: #2c4468;
          --third: #4fd1b8; --fourth: #d291e4; --fifth: #e0b64c; --sixth: #ff8095; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 780px; margin: 2rem auto; padding: 0 1rem; }
        body.wide { max-width: 1120px; }
        h1 { font-size: 1.5rem; margin-bottom: .25rem; } h2 { font-size: 1.1rem; margin-top: 2.25rem; } .soft { color: var(--soft); } h1 + .soft { margin-top: 0; }
        dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; } dt { color: var(--soft); font-size: .8rem; } dd { margin: 0; font-variant-numeric: tabular-nums; font-weight: 600; }
        .wide dl { display: grid; grid-template-columns: repeat(5, 1fr); gap: .6rem; } .wide dl div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .5rem .75rem; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 1rem; margin-top: 1.25rem; }
        .charts figure { margin: 0; padding: .75rem .75rem .25rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
        figure { margin: 1.5rem 0; } figcaption { font-weight: 600; } figcaption span { font-weight: 400; font-size: .85rem; margin-left: .8rem; white-space: nowrap; }
        figcaption span::before { content: ""; display: inline-block; width: .9em; height: .2em; vertical-align: middle; margin-right: .35em; background: currentColor; border-radius: 1px; }
        figcaption .first { color: var(--first); } figcaption .second { color: var(--second); } figcaption .faint { color: var(--soft); } figcaption .faint::before { background: var(--faint); }
        figcaption .third { color: var(--third); } figcaption .fourth { color: var(--fourth); } figcaption .fifth { color: var(--fifth); } figcaption .sixth { color: var(--sixth); }
        svg { width: 100%; height: auto; display: block; touch-action: pan-y; } svg text { font-size: 11px; fill: var(--soft); font-variant-numeric: tabular-nums; }
        .grid { stroke: var(--line); } .at { stroke: var(--soft); stroke-dasharray: 3 3; visibility: hidden; } svg:hover .at { visibility: visible; }
        polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round; } polyline.first { stroke: var(--first); } polyline.second { stroke: var(--second); } polyline.faint { stroke: var(--faint); stroke-width: 1; }
        polyline.third { stroke: var(--third); } polyline.fourth { stroke: var(--fourth); } polyline.fifth { stroke: var(--fifth); } polyline.sixth { stroke: var(--sixth); }
        circle { fill: var(--second); stroke: none; } circle.first { fill: var(--first); } circle.third { fill: var(--third); } circle.fourth { fill: var(--fourth); } circle.fifth { fill: var(--fifth); } circle.sixth { fill: var(--sixth); }
        output { display: block; min-height: 1.5em; color: var(--soft); font-size: .85rem; font-variant-numeric: tabular-nums; }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); white-space: pre-wrap; overflow-wrap: anywhere; }
        td:first-child, th { white-space: nowrap; overflow-wrap: normal; } td:nth-child(2) { min-width: 9em; }
        .scroll { overflow-x: auto; } .numbers td, .numbers td:nth-child(2) { font-variant-numeric: tabular-nums; min-width: 0; overflow-wrap: break-word; } .numbers th { font-weight: 600; }
        .samples td, .samples thead th { min-width: 15rem; max-width: 15rem; white-space: pre-wrap; padding-right: 1.25rem; } .samples td:first-child { white-space: pre-wrap; overflow-wrap: anywhere; }
        .samples td { font-size: .9rem; } .samples td div { max-height: 13rem; overflow-y: auto; } .samples small { color: var(--soft); font-weight: 400; display: block; } .samples .prompt th { border-bottom: 0; padding-top: .8rem; color: var(--first); }
        .samples .prompt span { position: sticky; left: 0; white-space: pre-wrap; }
        pre { background: color-mix(in srgb, var(--line) 40%, transparent); padding: 1rem; overflow-x: auto; border-radius: 6px; font-size: .85rem; }
        details { margin-top: 2.25rem; } summary { font-size: 1.1rem; font-weight: 700; cursor: pointer; }
        .choice input { position: absolute; opacity: 0; pointer-events: none; } .choice label { display: inline-block; padding: .3rem .9rem; border: 1px solid var(--line); cursor: pointer; margin-right: -1px; }
        .choice label:first-of-type { border-radius: 8px 0 0 8px; } .choice label:last-of-type { border-radius: 0 8px 8px 0; } .choice input:checked + label { background: var(--first); border-color: var(--first); color: var(--page); }
        .choice input:focus-visible + label { outline: 2px solid var(--second); outline-offset: 2px; } .choice .charts { display: none; }
        .choice polyline.second { stroke-dasharray: 8 5; } .choice polyline.third { stroke-dasharray: 3 3; } .choice polyline.fourth { stroke-dasharray: 10 3 2 3; } .choice polyline.fifth { stroke-dasharray: 2 5; } .choice polyline.sixth { stroke-dasharray: 14 4; }
        .choice input:nth-of-type(1):checked ~ .charts:nth-of-type(1), .choice input:nth-of-type(2):checked ~ .charts:nth-of-type(2), .choice input:nth-of-type(3):checked ~ .charts:nth-of-type(3) { display: grid; }
        @media (max-width: 640px) { body { margin-top: 1rem; } .wide dl { grid-template-columns: repeat(2, 1fr); } .wide svg text { font-size: 15px; } .wide svg { overflow: visible; } .samples td, .samples thead th { min-width: 75vw; max-width: 75vw; } }
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
            output.textContent = svg.dataset.axis + " " + at + ": " + found.map(([name, point]) => name + " " + point[1]).join(", ");
          });
          svg.addEventListener("pointerleave", () => { mark.setAttribute("x1", -9); mark.setAttribute("x2", -9); output.textContent = ""; });
        }
        //]]>
        """;

    /// <summary>A whole page of charts, as wide as two of them.</summary>
    public static string Wide(string title, string body)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>");
        html.Append(CultureInfo.InvariantCulture, $"<title>{Chart.Escape(title)}</title><style>{Style}</style></head>\n<body class=\"wide\"><h1>{Chart.Escape(title)}</h1>\n");
        html.Append(body);
        return html.Append(CultureInfo.InvariantCulture, $"<script>{Script}</script></body></html>\n").ToString();
    }

    /// <summary>Figures with their names.</summary>
    public static string Facts(IEnumerable<(string Name, string? Value)> facts) => "<dl>" + string.Concat(
        facts.Where(fact => fact.Value is not null).Select(fact => $"<div><dt>{Chart.Escape(fact.Name)}</dt><dd>{Chart.Escape(fact.Value!)}</dd></div>")) + "</dl>\n";
}
