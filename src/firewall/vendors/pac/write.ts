import { parseHostPort } from '../../../model/cidr.ts'
import type { NotPermitted, Permit } from '../../permit.ts'
import type { WriteOptions, Writer } from '../../writer.ts'
import { nameOf, plainText } from '../../writing/plainText.ts'
import { wholeComment } from '../../writing/ruleComment.ts'
import type { RuleToWrite } from '../../writing/rulesToWrite.ts'
import { rulesToWrite } from '../../writing/rulesToWrite.ts'
import { sayableName } from '../../writing/sayableName.ts'
import { setupDuties } from '../../writing/setupDuties.ts'

const platform = {
  called: 'a proxy script',
  says: ['names'],
  takesName: (name: string): boolean => ['exact', 'below'].includes(sayableName(name)?.kind ?? ''),
} as const

/**
 * Writes a proxy auto-configuration script that sends exactly the names and ports of the permits to the site's proxy, and
 * what is left where the user says. It resolves nothing, so that it answers alike everywhere. A script leads and forbids
 * nothing: denials are for the proxy.
 */
export const write: Writer = (permits, _denials, options) => {
  const proxy = options.proxy === undefined ? undefined : proxyWords(options.proxy)
  const overTcp = permits.filter(({ transport }) => transport === 'tcp')
  const { rules, notSaid } = rulesToWrite(proxy === undefined ? [] : overTcp, options.passage, platform)
  const refused = permits.filter(({ transport }) => proxy === undefined || transport !== 'tcp')
  return {
    files: [{ name: `${nameOf(options.site, '-', 40)}.pac`, text: scriptText(rules, proxy ?? 'DIRECT', options) }],
    notSaid: [...refused.flatMap((permit) => refusal(permit, proxy)), ...notSaid],
    duties: [...setupDuties(rules, ({ id }) => id), ...(rules.length > 0 ? [services] : [])],
  }
}

const services =
  'A script is for browsers and what asks the system for its proxy: agents and services have a proxy setting of their own ' +
  '(netsh winhttp set advproxy, the configuration file of the agent)'

function refusal({ id, flows, transport }: Permit, proxy: string | undefined): readonly NotPermitted[] {
  const { why, instead } =
    transport === 'tcp' && proxy === undefined
      ? {
          why: 'no proxy is known that a script could lead to',
          instead: 'say the proxy in the site file (proxies: NAME: url)',
        }
      : { why: 'a proxy passes on TCP alone', instead: 'let it pass at the firewalls on its way' }
  return flows.map((flow) => ({ flow, permit: id, why, instead }))
}

/** `PROXY host:port`, or `HTTPS host:port`; undefined for what is no URL of a proxy. */
function proxyWords(url: string): string | undefined {
  const [, scheme = '', authority = ''] = /^(https?):\/\/(?:[^@/?#]*@)?([^/?#]+)/i.exec(url) ?? []
  const at = parseHostPort(authority)
  const isTls = scheme.toLowerCase() === 'https'
  if (at === undefined || !/^[a-z0-9._:-]+$/.test(at.host)) return undefined
  const host = at.host.includes(':') ? `[${at.host}]` : at.host
  return `${isTls ? 'HTTPS' : 'PROXY'} ${host}:${at.port ?? (isTls ? 443 : 80)}`
}

function scriptText(rules: readonly RuleToWrite[], proxy: string, { site, on, otherwise }: WriteOptions): string {
  const rest = otherwise === 'proxy' ? proxy : 'DIRECT'
  const lines = [
    `// What ${plainText(site, 60)} sends through its proxy, as postern plan wrote it on ${plainText(on, 30)}.`,
    '// Give it to the machines that the flows begin at: who they are, a script is not told reliably.',
    'var rows = [',
    ...rules.flatMap((rule, at) => rowLines(rule, at === rules.length - 1)),
    '];',
    `var proxy = ${JSON.stringify(proxy)};`,
    `var otherwise = ${JSON.stringify(rest)};`,
    ...body,
  ]
  return `${lines.join('\n')}\n`
}

/** Engines of old take a comma behind the last row for one more. */
function rowLines({ permits, to, ports }: RuleToWrite, isLast: boolean): readonly string[] {
  const said = to.kind === 'names' ? to.names.flatMap((name) => sayableName(name) ?? []) : []
  const of = (wanted: 'exact' | 'below'): string =>
    JSON.stringify(said.flatMap(({ kind, name }) => (kind === wanted ? [name] : [])))
  const ranges = JSON.stringify(ports.map(({ first, last }) => [first, last]))
  return [
    `  // ${plainText(wholeComment(permits), 2000)}`,
    `  { names: ${of('exact')}, below: ${of('below')}, ports: ${ranges} }${isLast ? '' : ','}`,
  ]
}

/** ECMAScript 3 throughout: the engines of old clients read such files too. */
const body = [
  '',
  'function portOf(url) {',
  '  var found = /^[a-z]+:\\/\\/(?:[^\\/?#@]*@)?(?:\\[[^\\]]*\\]|[^\\/?#:]*)(?::([0-9]+))?/i.exec(url);',
  '  if (found && found[1]) return Number(found[1]);',
  '  return /^(https|wss):/i.test(url) ? 443 : /^(http|ws):/i.test(url) ? 80 : 0;',
  '}',
  '',
  'function isOneOf(list, wanted) {',
  '  for (var at = 0; at < list.length; at += 1) if (list[at] === wanted) return true;',
  '  return false;',
  '}',
  '',
  'function isBelowOneOf(list, name) {',
  '  for (var at = 0; at < list.length; at += 1) {',
  '    var end = "." + list[at];',
  '    if (name.slice(-end.length) === end) return true;',
  '  }',
  '  return false;',
  '}',
  '',
  'function isPort(ranges, port) {',
  '  for (var at = 0; at < ranges.length; at += 1) if (ranges[at][0] <= port && port <= ranges[at][1]) return true;',
  '  return false;',
  '}',
  '',
  'function isInside(name) {',
  '  if (name.indexOf(".") === -1 && name.indexOf(":") === -1) return true;',
  '  return /^(10|127|192\\.168|169\\.254|172\\.(1[6-9]|2[0-9]|3[01]))(\\.[0-9]+){2,3}$/.test(name) || /^\\[?(::1|f[cde][0-9a-f]{2}:)/i.test(name);',
  '}',
  '',
  'function FindProxyForURL(url, host) {',
  '  var name = String(host).toLowerCase().replace(/\\.$/, "");',
  '  var port = portOf(String(url));',
  '  for (var at = 0; at < rows.length; at += 1) {',
  '    var row = rows[at];',
  '    if (isPort(row.ports, port) && (isOneOf(row.names, name) || isBelowOneOf(row.below, name))) return proxy;',
  '  }',
  '  return isInside(name) ? "DIRECT" : otherwise;',
  '}',
]
