import { bracketed } from '../model/hostPort.ts'
import type { Destination, ProxyPlace, ProxySetting } from '../wire/proxySetting.ts'
import { wayOf } from '../wire/proxySetting.ts'
import type { FetchedText } from './fetchText.ts'
import type { Limits } from './net.ts'
import type { PacMeans, PacRoute } from './pac.ts'
import { askPac } from './pac.ts'
import type { Wpad } from './wpad.ts'

/** Which way one source of settings sends one request, its script asked where it has one. */
export type SettledWay =
  | { readonly kind: 'direct' }
  | { readonly kind: 'proxy'; readonly proxy: ProxyPlace }
  /** What the script says, the first first; the others are tried when that one is dead. */
  | {
      readonly kind: 'script'
      /** Where the script is, without what may be a password. */
      readonly script: string
      readonly routes: readonly PacRoute[]
      /** Names that it had resolved for its decision. */
      readonly resolved: readonly string[]
    }
  | { readonly kind: 'unknown'; readonly why: string }

export interface ScriptMeans extends PacMeans {
  /** The script at an address of a setting. */
  fetch(url: URL, limits: Limits): Promise<FetchedText>
  /** What detection finds; undefined when it is not to be asked. */
  detect?(limits: Limits): Promise<Wpad>
}

/**
 * The ways on which a setting sends requests, in their order. A script is fetched once; a setting that leaves the choice
 * to detection is followed only where that may be asked.
 */
export async function settleWays(
  setting: ProxySetting,
  destinations: readonly Destination[],
  means: ScriptMeans,
  limits: Limits,
): Promise<readonly SettledWay[]> {
  const ways = destinations.map((to) => wayOf(setting, to))
  const script = ways.some(({ kind }) => kind === 'script') ? await scriptOf(setting, means, limits) : undefined
  return Promise.all(
    ways.map(async (way, at): Promise<SettledWay> => {
      const to = destinations[at]
      if (way.kind !== 'script' || to === undefined) return way.kind === 'script' ? unknown('not asked') : way
      if (script === undefined || 'kind' in script) return script ?? unknown('not asked')
      return askedWay(script, to, means, limits)
    }),
  )
}

/** A script that is given, with the word for where it came from. */
export interface Script {
  readonly from: string
  readonly text: string
}

/** What a script says of one request. */
export async function askedWay(
  { from, text }: Script,
  to: Destination,
  means: PacMeans,
  limits: Limits,
): Promise<SettledWay> {
  const answer = await askPac(text, urlOf(to), means, limits)
  return answer.kind === 'failed'
    ? unknown(`the script gives no way: ${withoutSecrets(answer.reason)}`)
    : { kind: 'script', script: from, routes: answer.routes, resolved: answer.resolved }
}

async function scriptOf(setting: ProxySetting, means: ScriptMeans, limits: Limits): Promise<Script | SettledWay> {
  if (setting.script === undefined) {
    if (means.detect === undefined) return unknown('it detects, and detection was not asked')
    const found = await means.detect(limits)
    switch (found.kind) {
      case 'none':
        return { kind: 'direct' }
      case 'failed':
        return unknown(`${found.url}: ${found.why}`)
      case 'script':
        return { from: found.url, text: found.script }
      default:
        return found satisfies never
    }
  }
  const shown = shownUrl(setting.script)
  const url = URL.parse(setting.script)
  if (url === null) return unknown('the address of its script is no URL')
  const fetched = await means.fetch(url, limits)
  return fetched.kind === 'text' ? { from: shown, text: fetched.text } : unknown(`${shown}: ${fetched.why}`)
}

function unknown(why: string): SettledWay {
  return { kind: 'unknown', why }
}

function urlOf({ scheme, host, port }: Destination): URL {
  const usual = scheme === 'https' ? 443 : 80
  return new URL(`${scheme}://${bracketed(host)}${port === usual ? '' : `:${port}`}/`)
}

/** An address as it may be shown: without user, password, query and fragment. */
export function shownUrl(text: string): string {
  const url = URL.parse(text)
  return url === null || url.host === '' ? withoutSecrets(text.slice(0, 200)) : `${url.origin}${url.pathname}`
}

/** Takes out what stands before an `@`: scripts and settings may have been written with a password there. */
export function withoutSecrets(text: string): string {
  return text.replace(/[^\s/"'<>;,]*@/g, '…@')
}
