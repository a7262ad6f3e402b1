/** A rectangle of the page, in pixels. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly width: number;
}

/** What can be seen of a chart; contrasts as WCAG 2 counts them. */
export interface ChartMeasures {
  readonly chart: Box;
  readonly title: Box;
  readonly ticks: readonly (Box & { readonly contrast: number })[];
  /** From the top. */
  readonly headings: readonly (Box & { readonly text: string; readonly contrast: number })[];
  readonly bars: readonly (Box & { readonly isMilestone: boolean; readonly contrast: number })[];
  /** What Mermaid writes into or beside the bars. */
  readonly barTexts: string;
}

/** Gives ChartMeasures of the chart on the page; runs in the page. */
export const MEASURE_CHART = `(() => {
  const svg = document.querySelector('.chart svg');
  const box = (element) => {
    const { left, right, width } = element.getBoundingClientRect();
    return { left, right, width };
  };
  const channels = (color) => {
    const [r, g, b, a = 1] = (color.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    return { rgb: [r, g, b], a };
  };
  const opacityOf = (element) => {
    let opacity = 1;
    for (let at = element; at !== svg; at = at.parentElement)
      opacity *= Number(getComputedStyle(at).opacity);
    return opacity;
  };
  const over = (ground, color, opacity) => {
    const { rgb, a } = channels(color);
    return rgb.map((value, index) => value * a * opacity + ground[index] * (1 - a * opacity));
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const page = channels(getComputedStyle(document.body).backgroundColor).rgb;
  const rows = [...svg.querySelectorAll('rect.section')];
  const groundAt = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    const row = rows.find((rect) => {
      const bounds = rect.getBoundingClientRect();
      return bounds.top <= (top + bottom) / 2 && (top + bottom) / 2 < bounds.bottom;
    });
    return row ? over(page, getComputedStyle(row).fill, opacityOf(row)) : page;
  };
  const contrastOf = (element) => {
    const ground = groundAt(element);
    const shown = over(ground, getComputedStyle(element).fill, opacityOf(element));
    const [a, b] = [luminance(ground), luminance(shown)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const all = (selector) => [...svg.querySelectorAll(selector)];
  const byTop = (a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top;
  return {
    chart: box(svg),
    title: box(svg.querySelector('.titleText')),
    ticks: all('.grid .tick text').map((text) => ({ ...box(text), contrast: contrastOf(text) })),
    headings: all('text.sectionTitle').sort(byTop).map((text) => ({
      ...box(text),
      text: [...text.querySelectorAll('tspan')].map((line) => line.textContent).join(' '),
      contrast: contrastOf(text)
    })),
    bars: all('rect.task').sort(byTop).map((rect) => ({
      ...box(rect),
      isMilestone: rect.classList.contains('milestone'),
      contrast: contrastOf(rect)
    })),
    barTexts: all('text[class*=taskText]').map((text) => text.textContent).join('')
  };
})()`;
