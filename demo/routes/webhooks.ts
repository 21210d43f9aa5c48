/** The registry of webhooks over REST; the deliveries are none of its business. */
import { DemoError } from '../errors.ts'
import { ALLOW, type Call, type Endpoint, REFUSALS, type Route, type Site } from '../routes.ts'
import { WEBHOOKS } from '../specs.ts'
import type { Raw } from '../table.ts'
import { smallList } from './small.ts'
import { created, mustForce } from './writes.ts'

export interface WebhookOperations {
  create(input: Raw): Raw
  list(): Raw[]
  get(id: number): Raw | undefined
  update(id: number, input: Raw): Raw
  remove(id: number): Raw
}

export function webhookRoutes(site: Site, webhooks: WebhookOperations | undefined): Route[] {
  const show = (raw: Raw) => site.presenter.record(raw, { kind: 'webhook', context: 'edit' })
  const known = () => {
    if (!webhooks)
      throw new DemoError(501, 'demo_without_webhooks', 'This demo shop was started without webhooks.')
    return webhooks
  }
  const find = (call: Call) => {
    const webhook = webhooks?.get(Number(call.places[0]))
    if (!webhook) throw new DemoError(404, 'woocommerce_rest_shop_webhook_invalid_id', 'Invalid ID.')
    return webhook
  }
  const update: Endpoint = {
    refusal: REFUSALS.edit,
    run(call) {
      find(call)
      return { data: show(known().update(Number(call.places[0]), call.body)) }
    },
  }
  return [
    {
      path: '/webhooks',
      allow: ALLOW.list,
      endpoints: {
        GET: smallList(site, {
          kind: 'webhook',
          specs: WEBHOOKS,
          items: () => webhooks?.list() ?? [],
          where: (item, params) => params.text('status') === 'all' || params.text('status') === item.status,
          fields: { date: 'date_created_gmt', title: 'name' },
        }),
        POST: {
          refusal: REFUSALS.create,
          run: (call) => created(show(known().create(call.body))),
        },
      },
    },
    {
      path: '/webhooks/:id',
      allow: ALLOW.item,
      endpoints: {
        GET: { refusal: REFUSALS.view, run: (call) => ({ data: show(find(call)) }) },
        PUT: update,
        POST: update,
        DELETE: {
          specs: { force: { type: 'boolean', default: false } },
          refusal: REFUSALS.delete,
          run(call) {
            find(call)
            mustForce(call.params.flag('force') ?? false, 'Webhooks')
            return { data: show(known().remove(Number(call.places[0]))) }
          },
        },
      },
    },
  ]
}
