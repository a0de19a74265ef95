import { featureRows, impliedRoles } from '../../catalog/index.ts'
import type { Cloud } from '../../model/cloud.ts'
import { clouds } from '../../model/cloud.ts'
import type { Feature } from '../../model/feature.ts'
import type { SiteRole } from '../../model/role.ts'
import type { HostAnswer, ProxyAnswer } from './machineFacts.ts'

/** Everything that a site file is written from. */
export interface Answers {
  readonly site: string
  /** Absent: nobody said so, and the usual one is taken. */
  readonly cloud?: Cloud
  readonly tenant?: string
  readonly domain?: string
  /** Why the domain may be none of AD, in words. */
  readonly domainDoubt?: string
  readonly features: readonly Feature[]
  /** This machine first. */
  readonly hosts: readonly [HostAnswer, ...HostAnswer[]]
  readonly resolvers: readonly string[]
  readonly proxy?: ProxyAnswer
  /** Further things that could not be known, each in words. */
  readonly notKnown: readonly string[]
}

/** A site file, and what it says that it does not know. */
export interface WrittenSiteFile {
  readonly text: string
  readonly notKnown: readonly string[]
}

/** The variable that the user puts `user:password` of the proxy into. */
export const proxyVariable = 'PROXY_AUTH'

/**
 * Roles of which a feature needs one or more and that no host of the answers plays.
 */
export function lackingRoles(feature: Feature, hosts: readonly HostAnswer[]): readonly (readonly SiteRole[])[] {
  const written = new Set(hosts.flatMap(({ roles }) => roles))
  const given = impliedRoles.filter(({ feature: by, playedBy }) => by === feature && written.has(playedBy))
  const played = new Set([...written, ...given.map(({ role }) => role)])
  return featureRows[feature].needs.filter((group) => !group.some((role) => played.has(role)))
}

/**
 * Writes the file: what is known as keys, what is not as comments, in the order of the examples.
 *
 * @param schema where an editor finds the schema, so that it completes and checks what is typed
 */
export function siteFile(answers: Answers, version: string, schema?: string): WrittenSiteFile {
  const { site, cloud, tenant, domain, hosts, resolvers, proxy } = answers
  const [self] = hosts
  const on = answers.features.filter((feature) => lackingRoles(feature, hosts).length === 0)
  const off = answers.features.filter((feature) => !on.includes(feature))
  const notKnown: string[] = []
  const comment = (what: string): string[] => {
    notKnown.push(oneLine(what))
    return [`# not known: ${oneLine(what)}`]
  }
  const lines = [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    `# Written by postern init ${version}. Each line may be changed; what could not be known stands behind "not known".`,
    '',
    `site: ${scalar(site)}`,
    ...(cloud === undefined
      ? comment(`the cloud of the tenant; ${clouds[0]} is taken, others are ${clouds.slice(1).join(', ')}`)
      : []),
    `cloud: ${cloud ?? clouds[0]}`,
    ...(tenant === undefined
      ? comment('the tenant, such as tenant: contoso.onmicrosoft.com, or its id')
      : [`tenant: ${scalar(tenant)}`]),
    ...(domain === undefined
      ? comment('the AD domain, such as domain: corp.example')
      : [`domain: ${scalar(domain)}`, ...(answers.domainDoubt === undefined ? [] : comment(answers.domainDoubt))]),
    ...(answers.features.length === 0 ? comment('what is switched on; postern explain lists the features') : []),
    `features: ${listOf(on)}`,
    ...off.flatMap((feature) =>
      comment(
        `a host with the role ${lackingRoles(feature, hosts)
          .map((group) => group.join(' or '))
          .join(' and ')}; then add ${feature} to features`,
      ),
    ),
    '',
    'hosts:',
    ...(self.roles.length === 0
      ? comment(`what ${self.key} does; give it its roles, such as roles: [entra-connect]`).map((line) => `  ${line}`)
      : []),
    ...hosts.map(hostLine),
    ...hosts
      .filter(({ name, key, addresses }) => addresses.length === 0 && name === undefined && !key.includes('.'))
      .flatMap(({ key }) => comment(`the name or an address of ${key}`).map((line) => `  ${line}`)),
    ...(hosts.some(({ roles }) => roles.includes('domain-controller'))
      ? []
      : comment('the domain controllers, such as dc01: { roles: [domain-controller], addresses: [10.1.0.5] }').map(
          (line) => `  ${line}`,
        )),
    '',
    ...(resolvers.length === 0
      ? comment('the name servers of the site, such as resolvers: { internal: [10.1.0.5], control: [9.9.9.9] }')
      : [
          `resolvers: { internal: ${listOf(resolvers)} }`,
          ...comment('a name server outside, to judge these by; add control: [9.9.9.9] if it may be asked'),
        ]),
    ...(proxy === undefined ? [] : ['', ...proxyLines(proxy, self.key, comment)]),
    ...answers.notKnown.flatMap(comment),
  ]
  return { text: `${lines.join('\n')}\n`, notKnown }
}

function hostLine({ key, name, addresses, roles }: HostAnswer): string {
  const fields = [
    `roles: ${listOf(roles)}`,
    ...(name === undefined ? [] : [`name: ${scalar(name)}`]),
    ...(addresses.length === 0 ? [] : [`addresses: ${listOf(addresses)}`]),
  ]
  return `  ${scalar(key)}: { ${fields.join(', ')} }`
}

function proxyLines(
  { url, from, asksWho }: ProxyAnswer,
  usedBy: string,
  comment: (what: string) => readonly string[],
): readonly string[] {
  const secret = asksWho
    ? comment(
        `user:password of the proxy, put it into the variable ${proxyVariable}${from === undefined ? '' : `; it was not copied from ${from}`}`,
      )
    : []
  return [
    'proxies:',
    `  egress:`,
    `    url: ${scalar(url)}`,
    `    used-by: ${listOf([usedBy])}`,
    ...secret.map((line) => `    ${line}`),
    ...(asksWho ? [`    credentials: env:${proxyVariable}`] : []),
  ]
}

function listOf(texts: readonly string[]): string {
  return `[${texts.map(scalar).join(', ')}]`
}

/** Words that YAML, or an older reader of it, takes for something else than text. */
const otherWords = /^(?:true|false|null|yes|no|on|off|y|n|nan|inf)$/i

/** A text as a scalar of a flow collection: plain where nothing in it can be read otherwise, else in double quotes (JSON). */
function scalar(text: string): string {
  const isPlain =
    /^[a-z][a-z0-9_.-]*$/i.test(text) ||
    /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) ||
    /^https?:\/\/[a-z0-9.-]+(?::\d+)?$/.test(text)
  return isPlain && !otherWords.test(text) ? text : JSON.stringify(text)
}

/** A comment ends with its line: nothing of what was found may begin another. */
function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim()
}
