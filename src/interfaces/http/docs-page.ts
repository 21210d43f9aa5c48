/** The description as a page to read: no scripts, made from the same document as /openapi.json. */
import { createHash } from 'node:crypto'
import { type Field, fieldsOf, isPersonal, typeInWords } from './docs-fields.ts'
import { DOCS_STYLE } from './docs-style.ts'
import { escapeHtml } from './home-text.ts'
import type { OpenApi } from './openapi.ts'
import type { Described, Parameter } from './openapi-operation.ts'
import type { JsonSchema } from './schemas.ts'

export const DOCS_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(DOCS_STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

interface Endpoint extends Described {
  method: string
  path: string
}

/** @param origin where this server is for whoever reads: `http://127.0.0.1:3000` */
export function docsPage(api: OpenApi, origin: string): string {
  const endpoints = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, described]): Endpoint => ({ method: method.toUpperCase(), path, ...described }),
    ),
  )
  const groups = Map.groupBy(endpoints, ({ tags }) => tags[0] ?? '')
  const { title, version, description } = api.info
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · interface</title>
<style>${DOCS_STYLE}</style>
</head>
<body><div class="frame">
<nav aria-label="Operations">${[...groups].map(menu).join('\n')}</nav>
<main>
<h1>${escapeHtml(title)} ${escapeHtml(version)}</h1>
${description.split('\n\n').map(paragraph).join('\n')}
<p>The same for programs: <a href="/openapi.json"><code>/openapi.json</code></a> (OpenAPI 3.1).</p>
${[...groups].map(([name, members]) => group(name, members, origin)).join('\n')}
${shared(api)}
</main></div></body>
</html>
`
}

function menu([name, members]: [string, Endpoint[]]): string {
  const items = members.map(
    ({ operationId, method, path }) =>
      `<li><a href="#${escapeHtml(operationId)}">${method === 'GET' ? '' : `${method} `}${escapeHtml(path.replace('/api/v1', ''))}</a></li>`,
  )
  return `<b>${escapeHtml(name)}</b><ul>${items.join('')}</ul>`
}

function group(name: string, members: readonly Endpoint[], origin: string): string {
  return `<section><h2 id="group-${escapeHtml(name)}">${escapeHtml(name)}</h2>
${members.map((one) => article(one, origin)).join('\n')}</section>`
}

function article(one: Endpoint, origin: string): string {
  const body = one.requestBody?.content['application/json']?.schema as JsonSchema | undefined
  const given = [...one.parameters.map(parameterField), ...(body ? fieldsOf(body) : [])]
  const names = [
    `scope <code>${escapeHtml(one['x-scope'])}</code>`,
    one['x-command'] && `command <code>${escapeHtml(one['x-command'])}</code>`,
    one['x-tool'] && `tool <code>${escapeHtml(one['x-tool'])}</code>`,
  ].filter(Boolean)
  return `<article id="${escapeHtml(one.operationId)}">
<h3><span class="method">${one.method}</span>${escapeHtml(one.path)}</h3>
<p>${escapeHtml(one.summary)}</p>
<p class="names">${names.join(' · ')}</p>
${one['x-tool'] ? '' : paragraph(one.description)}
${table('Fields', given)}
${answer(one)}
<pre>${escapeHtml(curl(one, origin))}</pre>
</article>`
}

function parameterField({ name, in: place, required, description, schema }: Parameter): Field {
  const where = place === 'query' ? '' : place === 'path' ? ', in the path' : ', a header'
  const kept = isPersonal(schema) ? ', personal' : ''
  const fallback = schema.default === undefined ? '' : ` Default: ${JSON.stringify(schema.default)}.`
  return {
    name,
    depth: 0,
    type: `${typeInWords(schema)}${where}${kept}`,
    required,
    meaning: `${description}${fallback}`,
  }
}

function answer({ responses }: Endpoint): string {
  const found = (responses['200'] ?? responses['201']) as {
    content: Record<string, { schema: JsonSchema }>
  }
  const json = found.content['application/json']
  const others = Object.keys(found.content).filter((type) => type !== 'application/json')
  const also = others.length > 0 && json ? ` Also as ${others.join(', ')}.` : ''
  if (!json) return ''
  const fields = fieldsOf(json.schema)
  return `<details><summary>Answer: ${escapeHtml(fields.flatMap(({ name, depth }) => (depth === 0 ? [name] : [])).join(', '))}.${also}</summary>
${table('', fields)}</details>`
}

function table(title: string, fields: readonly Field[]): string {
  if (fields.length === 0) return ''
  const rows = fields.map(
    ({ name, depth, type, required, meaning }) =>
      `<tr><th scope="row" class="deep${Math.min(depth, 6)}"><code>${escapeHtml(name)}</code></th>` +
      `<td><span class="soft">${escapeHtml(type)}${title !== '' && required ? ', needed' : ''}</span><br>${escapeHtml(meaning)}</td></tr>`,
  )
  const caption = title === '' ? '' : `<caption>${escapeHtml(title)}</caption>`
  return `<table>${caption}${rows.join('\n')}</table>`
}

function curl({ method, path, parameters, requestBody, responses }: Endpoint, origin: string): string {
  const needed = parameters.filter(({ in: place, required }) => place === 'query' && required)
  const query = needed.map(({ name }) => `${name}=…`).join('&')
  const address = path.replace(/\{(\w+)\}/g, '<$1>')
  const stream = 'content' in (responses['200'] ?? {}) && !requestBody && path.endsWith('/events')
  return [
    `curl ${stream ? '-N ' : ''}${method === 'GET' ? '' : `-X ${method} `}-H 'Authorization: Bearer '$WOOSYNC_KEY`,
    requestBody && `  -H 'Content-Type: application/json' -d '${sample(requestBody)}'`,
    `  '${origin}${address}${query === '' ? '' : `?${query}`}'`,
  ]
    .filter(Boolean)
    .join(' \\\n')
}

function sample({ content }: NonNullable<Described['requestBody']>): string {
  const schema = content['application/json']?.schema as JsonSchema
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>
  const needed = (schema.required ?? []) as string[]
  const values = needed.map((name) => [name, sampleOf(properties[name] ?? {})])
  return JSON.stringify(Object.fromEntries(values))
}

function sampleOf(schema: JsonSchema): unknown {
  if (schema.type === 'array') return [sampleOf((schema.items ?? {}) as JsonSchema)]
  if (Array.isArray(schema.enum)) return schema.enum[0]
  if (schema.type === 'integer' || schema.type === 'number') return 1
  return schema.type === 'boolean' ? true : '…'
}

function shared(api: OpenApi): string {
  const { schemas } = api.components as { schemas: Record<string, JsonSchema> }
  const parts = Object.entries(schemas).map(
    ([name, schema]) =>
      `<article id="schema-${name}"><h3>${name}</h3><p>${escapeHtml(String(schema.description ?? ''))}</p>
${table('', schema.properties ? fieldsOf(schema) : fieldsOf((schema.additionalProperties ?? {}) as JsonSchema))}</article>`,
  )
  return `<section><h2 id="shared">In many answers</h2>${parts.join('\n')}</section>`
}

/** Backticks stand for code; nothing else is meant. */
function paragraph(text: string): string {
  return `<p>${escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>')}</p>`
}
