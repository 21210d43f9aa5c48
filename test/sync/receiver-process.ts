/** A process that receives deliveries until it is killed. Arguments: the database's address, the store as JSON. */
import { openDatabase } from '../../src/database/open.ts'
import { deriveHooks } from '../../src/store/webhooks.ts'
import { openReception } from '../../src/sync/reception.ts'
import { testLogger } from '../database.ts'
import { listen } from './receiver.ts'

const [url = '', given = '{}'] = process.argv.slice(2)
const store: { id: number; identity: string | null; url: string; secret: string } = JSON.parse(given)
const database = await openDatabase({
  url,
  dataDirectory: '.',
  applicationName: 'woosync-test-receiver',
  logger: testLogger,
})
const stores = [{ storeId: store.id, hooks: deriveHooks(store.secret, store) }]
const receiver = await listen(openReception({ database, logger: testLogger, stores }))
process.stdout.write(`${receiver.url}\n`)
