import type { Limits } from '../net/net.ts'
import type { Posting } from '../net/outletNet.ts'
import type { SecretForms } from '../net/secretForms.ts'
import { withoutEcho } from '../net/secretForms.ts'
import { printableText } from '../wire/printable-text.ts'
import { httpDelivery, secretForms, secretsOfUrl } from './httpDelivery.ts'
import type { Delivery, OutletTools } from './outlet.ts'

/** Something that is posted; `credentials` are fields that say who sends it, and go over TLS or to this machine alone. */
export interface JsonPosting {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly credentials?: Readonly<Record<string, string>>
  readonly body: string
  /** Settings that say by which way. */
  readonly way: { readonly proxy: string | undefined; readonly 'proxy-credentials': string | undefined }
  /** What of the body is a secret, and is struck out of what is answered. */
  readonly secrets?: readonly string[]
  /** Reads off the answer to what was taken what of it was not. */
  readonly lacksOf?: (answer: string) => string | undefined
}

/** Fields that say how the message itself is read, or that are signed. */
const ownFields = /^(host|content-.*|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|webhook-.*)$/i

/** Posts JSON, and tells what became of it without any of the secrets. */
export async function postJson(
  tools: OutletTools,
  { url, headers = {}, credentials = {}, body, secrets = [], lacksOf, way }: JsonPosting,
  limits: Limits,
): Promise<Delivery> {
  const values = Object.values(credentials)
  if (values.length > 0 && isOpen(url)) {
    return {
      kind: 'later',
      says: 'its address begins with http://, over which no credentials are sent: write https://',
    }
  }
  const strange = Object.keys(credentials).find((name) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || ownFields.test(name))
  if (strange !== undefined)
    return { kind: 'later', says: `no header field ${JSON.stringify(strange.slice(0, 40))} is sent` }
  const unfit = Object.entries(credentials).find(([, value]) => !/^[\x20-\x7e\u0080-\u00ff]*$/.test(value))
  if (unfit !== undefined) return { kind: 'later', says: `the value of ${unfit[0]} cannot be sent in a header` }
  const proxy = await proxyOf(tools, way)
  if ('says' in proxy) return proxy
  const posted = await tools.net.post(
    { url, headers: { 'content-type': 'application/json', ...headers, ...credentials }, body, ...proxy },
    limits,
  )
  // A scheme before a credential is no secret, and what stands behind it is one by itself.
  const shown: SecretForms[] = [...secrets, ...values, ...values.flatMap((each) => each.split(' ').slice(1))]
    .filter((each) => each !== '')
    .map(secretForms)
  const forms = [...shown, ...secretsOfUrl(url)]
  const delivery = httpDelivery(posted, forms, tools.now())
  if (delivery.kind !== 'taken' || posted.kind !== 'answer') return delivery
  const lacks = lacksOf?.(posted.body)
  return lacks === undefined ? delivery : { ...delivery, lacks: withoutEcho(printableText(lacks, 160), forms) }
}

type Later = Delivery & { readonly kind: 'later' }

/** The proxy of the settings, with who asks it. */
async function proxyOf(tools: OutletTools, way: JsonPosting['way']): Promise<Pick<Posting, 'proxy'> | Later> {
  if (way.proxy === undefined) return {}
  const url = await urlOf(tools, way.proxy, ['http:', 'https:'])
  if ('says' in url) return { ...url, says: `its proxy: ${url.says}` }
  const reference = way['proxy-credentials']
  if (reference === undefined) return { proxy: { url: url.ok } }
  const read = await tools.secret(reference)
  if ('why' in read) return { kind: 'later', says: `the credentials of its proxy: ${read.why}` }
  const credentials = accountOf(read.ok)
  if (credentials === undefined) return { kind: 'later', says: 'the credentials of its proxy are not USER:PASSWORD' }
  return { proxy: { url: url.ok, credentials } }
}

/** `USER:PASSWORD`, of which the password may hold colons; undefined for what is not that. */
export function accountOf(text: string): { readonly user: string; readonly password: string } | undefined {
  const colon = text.indexOf(':')
  return colon < 1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** Whether others can read along: plain HTTP to another machine. */
function isOpen(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

/** An address as it stands in the settings, or as it is found where they say; why there is none, as what becomes of a thing that waits. */
export async function urlOf(
  { secret }: OutletTools,
  written: string,
  schemes: readonly string[] = ['https:'],
): Promise<{ readonly ok: string } | Later> {
  const isReference = /^(env|file|store):/.test(written)
  const read = isReference ? await secret(written) : { ok: written }
  if ('why' in read) return { kind: 'later', says: `its address: ${read.why}` }
  const url = read.ok.trim()
  if (URL.canParse(url) && schemes.includes(new URL(url).protocol)) return { ok: url }
  return { kind: 'later', says: `what ${isReference ? written : 'the setting'} holds is no ${schemes[0]}// address` }
}

/** Secrets by name, all of them or why one is not there. */
export async function secretsOf(
  { secret }: OutletTools,
  references: Readonly<Record<string, string>>,
): Promise<{ readonly ok: Readonly<Record<string, string>> } | Later> {
  const found: [string, string][] = []
  for (const [name, reference] of Object.entries(references)) {
    const read = await secret(reference)
    if ('why' in read) return { kind: 'later', says: `${name}: ${read.why}` }
    found.push([name, read.ok])
  }
  return { ok: Object.fromEntries(found) }
}
