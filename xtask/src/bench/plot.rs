//! Plots as SVG: bars side by side, and lines over a scale. What is plotted is decided in `report`.

use std::fmt::Write;

/// Colours of brokers, in the order in which they are given; they differ in lightness too.
const COLOURS: [&str; 4] = ["#1b6ca8", "#e08e45", "#5a9e6f", "#8a8a8a"];
const WIDTH: f64 = 820.0;
const LEFT: f64 = 330.0;
const BAR: f64 = 16.0;

/// What lies under a name: a figure for each that was measured, as its place among the names and how much it is.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) values: Vec<(usize, f64)>,
}

/// Bars, a group for each row, from 0 to the largest.
pub(super) fn bars(title: &str, names: &[&str], groups: &[Group], digits: usize) -> String {
    let most = groups.iter().flat_map(|group| &group.values).map(|(_, value)| *value).fold(0.0, f64::max);
    let scale = if most > 0.0 { (WIDTH - LEFT - 80.0) / most } else { 0.0 };
    let mut y = 60.0;
    let mut body = String::new();
    for group in groups {
        let _ = writeln!(
            body,
            r#"<text x="{}" y="{}" text-anchor="end">{}</text>"#,
            LEFT - 8.0,
            y + 12.0,
            escaped(&group.name)
        );
        for (place, value) in &group.values {
            let (width, colour) = (value * scale, colour(*place));
            let (label_x, label_y) = (LEFT + width + 4.0, y + 12.0);
            let _ = writeln!(
                body,
                r#"<rect x="{LEFT}" y="{y}" width="{width:.1}" height="{}" fill="{colour}"/><text x="{label_x:.1}" y="{label_y}">{value:.digits$}</text>"#,
                BAR - 2.0
            );
            y += BAR;
        }
        y += 10.0;
    }
    framed(title, names, y + 10.0, &body)
}

/// A line for each name, over a horizontal scale with marks.
pub(super) struct Lines<'a> {
    pub(super) title: &'a str,
    /// Where marks stand below, and what they say.
    pub(super) marks: Vec<(f64, String)>,
    /// The points of each name, in the order of the names.
    pub(super) lines: Vec<Vec<(f64, f64)>>,
    /// Whether the vertical scale is logarithmic.
    pub(super) is_logarithmic: bool,
}

/// Lines over a common scale; it begins at 0, or at the smallest value where it is logarithmic.
pub(super) fn lines(plot: &Lines<'_>, names: &[&str]) -> String {
    const TOP: f64 = 60.0;
    const HEIGHT: f64 = 280.0;
    const X: f64 = 70.0;
    let level = |value: f64| if plot.is_logarithmic { value.max(1e-9).log10() } else { value };
    let points = || plot.lines.iter().flatten().copied();
    let across =
        points().map(|point| point.0).chain(plot.marks.iter().map(|mark| mark.0)).fold(0.0, f64::max);
    let high = points().map(|point| level(point.1)).fold(f64::NEG_INFINITY, f64::max);
    let least = points().map(|point| level(point.1)).fold(f64::INFINITY, f64::min);
    let low = if plot.is_logarithmic { least.floor() } else { 0.0 };
    let high = if plot.is_logarithmic { high.ceil().max(low + 1.0) } else { high };
    let x = |value: f64| X + value / across.max(1e-9) * (WIDTH - X - 30.0);
    let y = |value: f64| TOP + HEIGHT * (1.0 - (level(value) - low) / (high - low).max(1e-9));
    let mut body = String::new();
    for (at, label) in &plot.marks {
        let (at, below) = (x(*at), TOP + HEIGHT + 18.0);
        let _ =
            writeln!(body, r#"<text x="{at:.1}" y="{below}" text-anchor="middle">{}</text>"#, escaped(label));
    }
    // A scale that ends below ten has digits behind the point.
    let digits = if !plot.is_logarithmic && high < 10.0 { 2 } else { 0 };
    for tick in 0..=4 {
        let part = f64::from(tick) / 4.0;
        let value = if plot.is_logarithmic { 10_f64.powf(low + part * (high - low)) } else { high * part };
        let (at, end) = (TOP + HEIGHT * (1.0 - part), WIDTH - 30.0);
        let _ = writeln!(
            body,
            r##"<line x1="{X}" y1="{at:.1}" x2="{end}" y2="{at:.1}" stroke="#ddd"/><text x="{}" y="{:.1}" text-anchor="end">{value:.digits$}</text>"##,
            X - 6.0,
            at + 4.0
        );
    }
    for (place, line) in plot.lines.iter().enumerate() {
        let points: Vec<String> =
            line.iter().map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1))).collect();
        let _ = writeln!(
            body,
            r#"<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>"#,
            points.join(" "),
            colour(place)
        );
    }
    framed(plot.title, names, TOP + HEIGHT + 40.0, &body)
}

fn colour(place: usize) -> &'static str {
    COLOURS[place % COLOURS.len()]
}

/// The title, the names with their colours, and what was drawn.
fn framed(title: &str, names: &[&str], height: f64, body: &str) -> String {
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"16\" y=\"22\" font-size=\"15\">{}</text>\n",
        escaped(title)
    );
    let mut x = 16.0;
    for (place, name) in names.iter().enumerate() {
        let (box_x, text_x) = (x, x + 16.0);
        let _ = writeln!(
            text,
            r#"<rect x="{box_x}" y="34" width="11" height="11" fill="{}"/><text x="{text_x}" y="44">{}</text>"#,
            colour(place),
            escaped(name)
        );
        x += 150.0_f64.max(30.0 + 7.0 * f64::from(u32::try_from(name.len()).unwrap_or(0)));
    }
    text + body + "</svg>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_of_the_largest() {
        let group = |name: &str, values: &[f64]| Group {
            name: name.to_owned(),
            values: values.iter().copied().enumerate().collect(),
        };
        let svg = bars("a < b", &["ottla", "Kafka"], &[group("one", &[410.0, 205.0])], 0);
        assert!(svg.contains("a &lt; b"));
        assert!(svg.contains(r#"width="410.0""#) && svg.contains(r#"width="205.0""#), "{svg}");
        assert!(!bars("nothing", &[], &[], 0).contains("NaN"));
    }

    #[test]
    fn lines_stay_within_the_plot_on_either_scale() {
        for is_logarithmic in [false, true] {
            let plot = Lines {
                title: "t",
                marks: vec![(0.0, "p50".to_owned()), (1.0, "p99".to_owned())],
                lines: vec![vec![(0.0, 10.0), (1.0, 1_000.0)], Vec::new()],
                is_logarithmic,
            };
            let svg = lines(&plot, &["ottla", "Kafka"]);
            assert!(svg.contains("790.0,60.0"), "the largest is at the top right: {svg}");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}
