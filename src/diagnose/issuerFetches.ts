import type { Owner } from '../model/cause.ts'
import type { AiaFetch } from '../model/observation.ts'
import { commonName, listed } from './wording.ts'

/** The way that issuers were fetched by, where it was not straight: ` through egress`. */
export function wayOf([first]: readonly AiaFetch[]): string {
  return first?.through === undefined ? '' : ` through ${first.through}`
}

/** What came of one fetch in the place of an issuer. */
export function failureOf(fetched: AiaFetch): string {
  const { url, outcome, status, subject, detail, bytesIn } = fetched
  const by = wayOf([fetched])
  switch (outcome) {
    case 'timeout':
      if (bytesIn !== undefined) return `${url} does not finish its answer${by} (${bytesIn} octets of it came)`
      // Without a word of it the silence was at the address; else it was before, such as at the name.
      return detail === undefined ? `${url} does not answer${by}` : `${url} is not reached${by} (${detail})`
    case 'unreachable':
      return `${url} is not reached${by} (${detail ?? 'no word why'})`
    case 'http-status':
      return `${url} answers ${status ?? 'without a status'}${by}`
    case 'not-a-certificate':
      return `${url} gives no certificate${by} (${detail ?? 'something else'})`
    case 'wrong-issuer':
      return `${url} gives "${commonName(subject ?? '')}"${by}, which did not sign it`
    case 'refused-address':
      return `${url} was not asked: ${detail ?? 'the address is not public'}`
    case 'certificate':
    case 'tool-limit':
    case 'aborted':
      return `${url}${by}: ${outcome}`
    default:
      return outcome satisfies never
  }
}

/** Who keeps this machine from an issuer that is published for everybody, and what they are to change. */
export function barrierBefore(failed: readonly AiaFetch[]): { readonly owner: Owner; readonly fix: string } {
  const hosts = (of: readonly AiaFetch[]): string => listed([...new Set(of.map(({ url }) => hostOfUrl(url)))])
  const asked = failed.filter(({ outcome }) => outcome !== 'refused-address')
  const then = 'Windows completes the chain from there'
  if (asked.length === 0) {
    return { owner: 'dns', fix: `let ${hosts(failed)} lead to a public address from here: ${then}` }
  }
  const [through] = asked.flatMap((one) => one.through ?? [])
  return through === undefined
    ? { owner: 'firewall', fix: `allow http to ${hosts(asked)}: ${then}` }
    : {
        owner: 'proxy',
        fix: `let ${through} pass plain HTTP to ${hosts(asked)} unchanged and without sign-in: ${then}`,
      }
}

function hostOfUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url
}
