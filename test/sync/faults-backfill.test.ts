/** Every fault of a shop and its host while a first copy: what it ends with, and that nothing is lost (rows 2, 5, 11, 12, 31–36). */
import { test } from 'node:test'
import { testDatabase } from '../database.ts'
import { faultCases } from './fault-cases.ts'
import { playFault } from './faults.ts'

const database = await testDatabase()

for (const [at, fault] of faultCases.entries()) {
  test(fault.name, (t) => playFault(t, database, fault, { seed: 2000 + at, during: 'first copy' }))
}
