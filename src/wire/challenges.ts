import { printableText } from './printable-text.ts'

/** One way of authentication that a server or proxy offers (RFC 9110 §11.3). */
export interface Challenge {
  /** As its registry spells it: `Basic`, `Digest`, `Negotiate`, `NTLM` …; others as they came, at most 40 characters. */
  readonly scheme: string
  /** At most 120 characters, and none that acts on a terminal. */
  readonly realm?: string
}

/** IANA "HTTP Authentication Schemes", and NTLM, which is in no registry and on every Windows proxy (MS-NTHT). */
const schemes = [
  'Basic',
  'Bearer',
  'Concealed',
  'Digest',
  'DPoP',
  'GNAP',
  'HOBA',
  'Kerberos',
  'Mutual',
  'Negotiate',
  'NTLM',
  'OAuth',
  'PrivateToken',
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'vapid',
] as const
const spelling: ReadonlyMap<string, string> = new Map(schemes.map((scheme) => [scheme.toLowerCase(), scheme]))

/** By which Windows lets somebody sign in, and hardly anybody else does (RFC 4559, MS-NTHT, MS-CSSP). */
export const schemesOfWindows: readonly string[] = ['Negotiate', 'Kerberos', 'NTLM', 'CredSSP']

const mostChallenges = 16
const longestScheme = 40
const longestRealm = 120
const parameter = /^([\w!#$%&'*+.^`|~-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s"=]+))$/
const challenge = /^([\w!#$%&'*+.^`|~-]+)(?:[ \t]+(.*))?$/s

/**
 * Reads `WWW-Authenticate` or `Proxy-Authenticate` (RFC 9110 §11.6.1), in which the same comma stands between
 * challenges and between their parameters. What cannot be read is passed over; the first 16 challenges are taken.
 *
 * @param field its value; several fields joined by commas
 */
export function parseChallenges(field: string): readonly Challenge[] {
  const found: { scheme: string; realm?: string }[] = []
  const take = (text: string): boolean => {
    const [, name, quoted, plain] = parameter.exec(text) ?? []
    const last = found.at(-1)
    if (name?.toLowerCase() === 'realm' && last !== undefined) {
      last.realm ??= printableText((quoted ?? plain ?? '').replaceAll(/\\(.)/gs, '$1'), longestRealm)
    }
    return name !== undefined
  }
  for (const element of elementsOf(field)) {
    if (take(element)) continue
    const [, scheme, rest = ''] = challenge.exec(element) ?? []
    if (scheme === undefined) continue
    if (found.length === mostChallenges) break
    found.push({ scheme: spelling.get(scheme.toLowerCase()) ?? scheme.slice(0, longestScheme) })
    take(rest.trim())
  }
  return found
}

/** What stands between commas that are not in quotes. */
function elementsOf(field: string): readonly string[] {
  const elements: string[] = []
  let from = 0
  let quoted = false
  for (let at = 0; at <= field.length; at += 1) {
    const character = field[at]
    if (quoted && character === '\\') at += 1
    else if (character === '"') quoted = !quoted
    else if (at === field.length || (character === ',' && !quoted)) {
      elements.push(field.slice(from, at).trim())
      from = at + 1
    }
  }
  return elements.filter((element) => element !== '')
}
