/** A reader of Prometheus' text format of its own, strict: every line must be one the format knows. */
import assert from 'node:assert/strict'

export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const HELP = new RegExp(`^# HELP (${NAME}) .+$`)
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`)
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\"n])*)"(,|$)/y

export function parseExposition(text: string): Sample[] {
  assert.ok(text.endsWith('\n'), 'the last line ends')
  const types = new Map<string, string>()
  const seen = new Set<string>()
  const samples: Sample[] = []
  for (const line of text.split('\n')) {
    if (line === '' || HELP.test(line)) continue
    const typed = TYPE.exec(line)
    if (typed) {
      assert.ok(!types.has(typed[1]!), `one type for ${typed[1]}`)
      types.set(typed[1]!, typed[2]!)
      continue
    }
    const [, name, labelText = '', valueText = ''] = SAMPLE.exec(line) ?? assert.fail(`no such line: ${line}`)
    const family = types.has(name!) ? name! : name!.replace(/_(bucket|sum|count)$/, '')
    assert.ok(types.has(family), `${name} has a type before it`)
    assert.ok(name === family || types.get(family) === 'histogram' || types.get(family) === 'summary')
    const labels = parseLabels(labelText)
    const identity = `${name} ${JSON.stringify(Object.entries(labels).sort())}`
    assert.ok(!seen.has(identity), `twice: ${line}`)
    seen.add(identity)
    const value = valueText === '+Inf' ? Number.POSITIVE_INFINITY : Number(valueText)
    assert.ok(valueText === 'NaN' || !Number.isNaN(value), `a number: ${line}`)
    samples.push({ name: name!, labels, value })
  }
  checkHistograms(types, samples)
  return samples
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  for (let at = 0; at < text.length; at = LABEL.lastIndex) {
    const [, name, value] = LABEL.exec(text) ?? assert.fail(`labels: ${text}`)
    assert.ok(!(name! in labels))
    labels[name!] = value!
  }
  return labels
}

/** Buckets never fall, and the last holds all. */
function checkHistograms(types: Map<string, string>, samples: Sample[]): void {
  for (const [family, type] of types) {
    if (type !== 'histogram') continue
    for (const count of samples.filter((one) => one.name === `${family}_count`)) {
      const buckets = samples.filter(({ name, labels: { le: _, ...labels } }) => {
        return (
          name === `${family}_bucket` &&
          JSON.stringify(Object.entries(labels).sort()) ===
            JSON.stringify(Object.entries(count.labels).sort())
        )
      })
      const values = buckets.map((bucket) => bucket.value)
      assert.deepEqual(
        values,
        values.toSorted((a, b) => a - b),
      )
      assert.equal(buckets.at(-1)?.labels.le, '+Inf')
      assert.equal(values.at(-1), count.value)
    }
  }
}

/** The value of one sample; undefined where there is none. */
export function valueIn(
  samples: Sample[],
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  return samples.find(
    (one) =>
      one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value),
  )?.value
}
