/** The stream of events in the OpenAPI description. */
import { eventsOperation, MOST_LISTENERS } from './events-route.ts'
import { type Described, describeOperation, type Parameter } from './openapi-operation.ts'

const LAST_EVENT_ID: Parameter = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description:
    'The id of the last event that was taken; browsers send it by themselves when they come again.',
  schema: { type: 'string' },
}

const ABOUT = `Server-sent events. \`ready\`: the stream stands, its id is the position. \`change\`: position, resource, id,
change, way, modifiedAt, at, as in mirror changes; its id is the position. \`progress\`: resource, kind, done, total
(null: not known). \`pruned\`: changes after the position were removed as too old; read what you need anew. Lines that
begin with a colon keep the connection open. At most ${MOST_LISTENERS} streams for each key.`

export function describeEvents(): Described {
  const { parameters, responses, ...described } = describeOperation(eventsOperation)
  const { 200: _answer, 304: _same, ...problems } = responses
  return {
    operationId: described.operationId,
    summary: described.summary,
    description: `${described.description} ${ABOUT}`,
    tags: ['events'],
    parameters: [...parameters.filter(({ in: place }) => place !== 'header'), LAST_EVENT_ID],
    responses: {
      '200': {
        description: 'The stream; it ends with the server, or when the key no longer works.',
        content: { 'text/event-stream': { schema: { type: 'string', description: 'Events.' } } },
      },
      ...problems,
    },
    'x-scope': described['x-scope'],
  }
}
