/** A shop whose owner gave access to its database alone: what only REST can do is refused, and asks nobody. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { preferEditForm } from '../../../src/store/rest/edit-form.ts'
import { createStoreWriter } from '../../../src/store/rest/write.ts'
import { deriveHooks } from '../../../src/store/webhooks.ts'
import { watchWebhooks } from '../../../src/sync/watchdog.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { sqlMirror } from './shop.ts'

const skip = skipWithoutRecordings || skipWithoutMariadb

test('webhooks of a shop without REST, and writing to it', { skip }, async () => {
  const { context } = await sqlMirror(await startMariadb(), 'woocommerce_small')
  const { client, store } = context
  const missing = { code: 'store_rest_missing', data: { host: client.host } }
  const writer = createStoreWriter(client, store)
  const hooks = deriveHooks('a secret', store)
  await assert.rejects(watchWebhooks(context, { writer, hooks, publicUrl: 'https://copy.test' }), missing)
  await assert.rejects(writer.removeWebhook(1), missing)
  await assert.rejects(preferEditForm(client).get('orders/1'), missing)
})
