/** Every fault of a shop and its host while following: what it ends with, and that nothing is lost (rows 2, 5, 11, 12, 31–36). */
import { test } from 'node:test'
import { testDatabase } from '../database.ts'
import { faultCases } from './fault-cases.ts'
import { playFault } from './faults.ts'

const database = await testDatabase()

// What is overcome by asking again is the same for every request: in CI it is played here, too.
const played = faultCases.filter(({ name }) => process.env.CI === 'true' || !name.endsWith('a few times'))

for (const [at, fault] of played.entries()) {
  test(fault.name, (t) => playFault(t, database, fault, { seed: 3000 + at, during: 'follow' }))
}
