import assert from 'node:assert/strict'
import { DemoError } from '../../demo/errors.ts'

/** The error body of an operation that must be refused. */
export function refusal(work: () => unknown) {
  try {
    work()
  } catch (error) {
    if (error instanceof DemoError) return error.body()
    throw error
  }
  return assert.fail('nothing was refused')
}
