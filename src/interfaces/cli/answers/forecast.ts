/** A forecast: the steps with their interval, and how well each method did. */
import { priceText } from '../price.ts'
import { renderTable } from '../table.ts'
import { cleanLine, cut, width, wrapped } from '../terminal.ts'
import { type Look, labelOf, NONE } from '../values.ts'
import type { AnswerTo, Operations } from './answer-to.ts'

export function forecastText(answer: AnswerTo<Operations['forecast']['sales']>, look: Look): string {
  const { measure, product, series, forecast, refusal } = answer
  const unit = measure.unit ?? ''
  const value = (text: string) => (measure.type === 'money' ? priceText(text, unit) : `${text} ${unit}`)
  const about = product === null ? '' : ` of ${cleanLine(product.name ?? String(product.product_id))}`
  const head = `Forecast: ${labelOf(measure.of)}${about} by ${measure.every}`
  if (forecast === null)
    return [head, refusal?.words ?? 'No forecast.']
      .map((line) => wrapped(line, look.columns).join('\n'))
      .join('\n\n')
  const steps = renderTable(
    [
      { title: measure.every },
      { title: 'expected', align: 'right' },
      { title: 'at least', align: 'right' },
      { title: 'at most', align: 'right' },
    ],
    [...forecast.steps, { ...forecast.total, from: 'together' }].map(({ from, value: middle, low, high }) => [
      from,
      value(middle),
      value(low),
      value(high),
    ]),
  )
  const score = (one: number | null) => (one === null ? NONE : one.toFixed(3))
  const methods = renderTable(
    [
      { title: 'method' },
      { title: 'MASE', align: 'right' },
      { title: 'sMAPE', align: 'right' },
      { title: 'tests', align: 'right' },
    ],
    forecast.candidates.map((one) => [
      cut(
        `${one.model === forecast.model ? '→' : ' '} ${cleanLine(one.words)}`,
        Math.max(30, look.columns - width('  0.000    00.000  tests')),
      ),
      score(one.mase),
      score(one.smape),
      String(one.origins),
    ]),
  )
  const history =
    series === null
      ? ''
      : ` History: ${series.observations} ${measure.every}s from ${series.from} to ${series.to}.`
  const words = `${forecast.level} % of the cases should lie between at least and at most.${history} Method: ${forecast.words}.`
  return [
    head,
    steps,
    wrapped(words, look.columns).join('\n'),
    methods,
    ...forecast.notes.map((note) => wrapped(note.words, look.columns).join('\n')),
  ].join('\n\n')
}
