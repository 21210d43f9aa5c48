/** The facts of a forecast: its values, its errors, and the series it goes on from. */
import { aggregateOf, type FactBook, type NewFact, type Subject } from '../facts.ts'
import { addDays } from '../zone.ts'
import type { Forecast } from './answer.ts'
import type { Every } from './models.ts'
import type { Found } from './sales.ts'

interface About extends Found {
  every: Every
  timezone: string
}

/** The history; where the forecast is refused, what there is and what it needs. */
export function addSeriesFacts(facts: FactBook, about: About): void {
  const { series, refusal, measure, currency, every, timezone } = about
  const units = every === 'day' ? 'days' : 'weeks'
  const common = commonOf(about)
  const [first] = series?.points ?? []
  const period = series && first ? { from: first.from, to: addDays(series.next, -1), timezone } : null
  const count = (attribute: string, value: number): NewFact => {
    return { ...common, attribute, period, value, type: 'count', unit: units }
  }
  facts.add(count('observations', series?.points.length ?? 0))
  facts.add(count('observations_with_sales', series ? series.points.length - series.empty : 0))
  if (series && period) {
    facts.add({
      ...common,
      attribute: measure.of,
      period,
      value: measure.type === 'money' ? series.sum : Number(series.sum),
      type: measure.type,
      unit: measure.unit ?? currency,
      definition: measure.definition,
    })
  }
  if (!refusal) return
  const { source, subject, filter } = common
  const refused = { source, subject, filter }
  facts.add({
    ...refused,
    attribute: 'refusal',
    value: refusal.reason,
    type: 'state',
    definition: refusal.words,
  })
  const needed = { ...refused, type: 'parameter', unit: units } as const
  facts.add({ ...needed, attribute: 'observations_needed', value: refusal.needed })
  facts.add({ ...needed, attribute: 'observations_with_sales_needed', value: refusal.withSalesNeeded })
}

export function addForecastFacts(facts: FactBook, about: About, forecast: Forecast): void {
  const { measure, currency, every, timezone } = about
  const { model, level, steps, total, candidates, origins } = forecast
  const common = commonOf(about)
  const filter = { ...common.filter, model, level }
  const unit = measure.unit ?? currency
  const length = every === 'day' ? 1 : 7
  const value = (text: string) => (measure.type === 'money' ? text : Number(text))
  const expected = (attribute: string, from: string, to: string, text: string, words: string) => {
    facts.add({
      ...common,
      filter,
      attribute,
      period: { from, to, timezone },
      value: value(text),
      type: measure.type,
      unit,
      definition: `${words} ${measure.definition}`,
    })
  }
  const inside = `of the interval that should hold the truth in ${level} of 100 cases.`
  const name = `forecast_${measure.of}`
  expected(`${name}_total`, total.from, total.to, total.value, 'Forecast of the whole period.')
  expected(`${name}_total_low`, total.from, total.to, total.low, `Lower border ${inside}`)
  expected(`${name}_total_high`, total.from, total.to, total.high, `Upper border ${inside}`)
  for (const step of steps) {
    const to = addDays(step.from, length - 1)
    expected(name, step.from, to, step.value, 'Forecast.')
  }
  facts.add({ ...common, attribute: 'model', value: model, type: 'state', definition: forecast.words })
  facts.add({ ...common, attribute: 'level', value: level, type: 'parameter', unit: '%' })
  facts.add({ ...common, attribute: 'horizon', value: steps.length, type: 'parameter', unit: `${every}s` })
  facts.add({ ...common, attribute: 'origins', value: origins, type: 'count', unit: 'origins' })
  for (const candidate of candidates) {
    const of = { ...common, filter: { ...common.filter, model: candidate.model } }
    if (candidate.mase !== null) {
      facts.add({ ...of, attribute: 'mase', value: candidate.mase, type: 'number', definition: MASE })
    }
    if (candidate.smape !== null) {
      facts.add({
        ...of,
        attribute: 'smape',
        value: candidate.smape,
        type: 'percentage',
        unit: '%',
        definition: SMAPE,
      })
    }
  }
}

const MASE =
  'Mean absolute error in the back-test, in units of the one-step error of the seasonal naive forecast on what was known.'
const SMAPE = 'Symmetric mean absolute percentage error in the back-test, 0 to 200.'

function commonOf({ target, series, currency, every, measure }: About) {
  const subject: Subject = { kind: 'forecast', id: null, name: target?.name ?? null }
  const filter = {
    of: measure.of,
    every,
    ...(currency !== null && { currency }),
    ...(target && { product_id: target.product_id }),
    ...(target?.variation_id != null && { variation_id: target.variation_id }),
  }
  return { subject, filter, source: aggregateOf('orders', series?.orders ?? 0) }
}
