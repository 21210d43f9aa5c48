// A reporter for run.mjs: what was skipped, and the counts of the whole run, as one line of JSON.
export default async function* counts(source) {
  const skipped = []
  let total = { passed: 0, failed: 0, skipped: 0, cancelled: 0, todo: 0 }
  for await (const { type, data } of source) {
    if (type === 'test:pass' && data.skip !== undefined) {
      skipped.push({ name: data.name, file: data.file, reason: data.skip === true ? '' : data.skip })
    }
    // Each file has a summary of its own; the one of the run names none.
    if (type === 'test:summary' && data.file === undefined) total = data.counts
  }
  yield JSON.stringify({ counts: total, skipped })
}
