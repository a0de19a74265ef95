import { featureRows, roleRows } from '../../catalog/index.ts'
import type { Remedy } from '../../config/configError.ts'
import { visible } from '../../config/quoted.ts'
import { readAddress, readHostName, readLabel, readProxyUrl, readResolver, readTenant } from '../../config/siteTexts.ts'
import { unknownWord } from '../../config/unknownWord.ts'
import type { Cloud } from '../../model/cloud.ts'
import { clouds } from '../../model/cloud.ts'
import type { Feature } from '../../model/feature.ts'
import { features } from '../../model/feature.ts'
import type { SiteRole } from '../../model/role.ts'
import { siteRoles } from '../../model/role.ts'
import type { Asker } from './asker.ts'
import type { HostAnswer, MachineFacts } from './machineFacts.ts'
import type { Answers } from './siteFile.ts'
import { lackingRoles } from './siteFile.ts'

/** What the command line answers already; questions of these are not put. */
export interface Preset {
  readonly tenant?: string
  readonly domain?: string
  readonly cloud?: Cloud
  readonly roles?: readonly SiteRole[]
  readonly features?: readonly Feature[]
}

/** What an answer makes of the answers so far, or what is wrong with it. */
type Read = { readonly ok: Answers } | Remedy

interface Question {
  readonly prompt: string
  /** What an empty line means, as it is shown; none when there is nothing. */
  readonly usual: string
  /** What an empty line makes of the answers; absent: they stay. */
  readonly entered?: Answers
  readonly read: (text: string) => Read
  /** What `-` means; absent: something has to be said. */
  readonly none?: Answers
  /** What `?` shows. */
  readonly words?: readonly string[]
}

/** The answers that this machine gives by itself, and the command line. */
export function answersOfMachine(facts: MachineFacts, preset: Preset): Answers {
  const { self, controllers, resolvers, proxy, remarks } = facts
  const domain = preset.domain ?? facts.domain?.name
  const isFound = preset.domain === undefined && facts.domain !== undefined
  const kept = isFound
    ? controllers
    : controllers.filter(({ name }) => domain !== undefined && name?.endsWith(`.${domain}`))
  const isUnproven = isFound && controllers.length === 0 && !self.roles.includes('domain-controller')
  return {
    site: siteNameOf(domain),
    ...(preset.cloud !== undefined && { cloud: preset.cloud }),
    ...(preset.tenant !== undefined && { tenant: preset.tenant }),
    ...(domain !== undefined && { domain }),
    ...(isUnproven && {
      domainDoubt: `whether ${domain} is an AD domain: it stands in ${facts.domain?.from}, and no domain controller was found in DNS`,
    }),
    features: preset.features ?? [],
    hosts: [{ ...self, roles: [...new Set([...self.roles, ...(preset.roles ?? [])])] }, ...kept],
    resolvers,
    ...(proxy !== undefined && { proxy }),
    notKnown: remarks,
  }
}

function siteNameOf(domain: string | undefined): string {
  const read = readLabel(domain?.split('.')[0] ?? '')
  return 'ok' in read ? read.ok : 'site'
}

/**
 * Puts the questions, each until its answer is understood.
 *
 * @returns how the conversation ended when it did before the last question
 */
export async function askSite(
  facts: MachineFacts,
  preset: Preset,
  asker: Asker,
): Promise<Answers | { readonly ended: 'stopped' | 'input-ended' }> {
  asker.say(
    'Enter takes what stands in brackets, - means none, ? lists the words. Ctrl-C ends it, and nothing is written.\n\n',
  )
  let answers = answersOfMachine(facts, preset)
  for (const question of questions) {
    // What an answer leads to may be several questions, such as a host for each role that is needed.
    for (const put of question(answers, preset)) {
      const asked = await answerTo(put(answers), answers, asker)
      if ('ended' in asked) return asked
      answers = asked.ok
    }
  }
  return answers
}

async function answerTo(
  question: Question | undefined,
  answers: Answers,
  asker: Asker,
): Promise<{ readonly ok: Answers } | { readonly ended: 'stopped' | 'input-ended' }> {
  if (question === undefined) return { ok: answers }
  for (;;) {
    const typed = await asker.ask(`${question.prompt} [${visible(question.usual || 'none')}]: `)
    if ('ended' in typed) return typed
    const text = typed.line.trim()
    if (text === '') return { ok: question.entered ?? answers }
    if (text === '?') {
      asker.say(`${(question.words ?? ['any text of its kind']).map((word) => `  ${word}`).join('\n')}\n`)
      continue
    }
    if (text === '-' && question.none !== undefined) return { ok: question.none }
    const read = question.read(text)
    if ('ok' in read) return read
    asker.say(`  ${visible(`${read.what}, ${read.right}`)}\n`)
  }
}

/** Makes a question of the answers so far; undefined leaves it out. */
type Put = (answers: Answers) => Question | undefined

/** In the order in which they are put. */
const questions: readonly ((answers: Answers, preset: Preset) => readonly Put[])[] = [
  () => [
    (answers) => ({
      prompt: 'Name of this site, for reports',
      usual: answers.site,
      read: (text) => taken(readLabel(text), (site) => ({ ...answers, site })),
    }),
  ],
  (_, { domain }) => (domain === undefined ? [domainQuestion] : []),
  (_, { tenant }) => (tenant === undefined ? [tenantQuestion] : []),
  (_, { cloud }) => (cloud === undefined ? [cloudQuestion] : []),
  (_, { roles }) => (roles === undefined ? [rolesQuestion] : []),
  (_, preset) => (preset.features === undefined ? [featuresQuestion] : []),
  (answers) => groupsLacking(answers).map(hostQuestion),
  () => [resolversQuestion, proxyQuestion, proxyPasswordQuestion],
]

const domainQuestion: Put = (answers) => {
  const { domain: _, domainDoubt: __, ...without } = answers
  return {
    prompt: 'AD domain',
    usual: answers.domain ?? '',
    read: (text) => taken(readHostName(text), (domain) => inDomain({ ...without, domain })),
    none: inDomain(without),
  }
}

/** Domain controllers of another domain than the one that was named are none of this site's. */
function inDomain(answers: Answers): Answers {
  const [self, ...others] = answers.hosts
  const { domain } = answers
  return {
    ...answers,
    hosts: [self, ...others.filter(({ name }) => domain !== undefined && name?.endsWith(`.${domain}`))],
  }
}

const tenantQuestion: Put = (answers) => {
  const { tenant: _, ...without } = answers
  return {
    prompt: 'Tenant: its name or its id',
    usual: answers.tenant ?? '',
    read: (text) => taken(readTenant(text), (tenant) => ({ ...answers, tenant })),
    none: without,
  }
}

const cloudQuestion: Put = (answers) => ({
  prompt: 'Microsoft cloud',
  usual: answers.cloud ?? clouds[0],
  entered: { ...answers, cloud: answers.cloud ?? clouds[0] },
  read: (text) => {
    const cloud = clouds.find((each) => each === text.toLowerCase())
    return cloud === undefined ? unknownWord('cloud', text, clouds) : { ok: { ...answers, cloud } }
  },
  words: clouds,
})

const rolesQuestion: Put = (answers) => {
  const [self, ...others] = answers.hosts
  const withRoles = (roles: readonly SiteRole[]): Answers => ({ ...answers, hosts: [{ ...self, roles }, ...others] })
  return {
    prompt: `What ${self.key} does, with commas between`,
    usual: self.roles.join(', '),
    read: (text) => {
      const read = wordsOf('role', text, siteRoles)
      return 'ok' in read ? { ok: withRoles(read.ok) } : read
    },
    none: withRoles([]),
    words: siteRoles.map((role) => `${role.padEnd(28)}${roleRows[role].title}`),
  }
}

const featuresQuestion: Put = (answers) => ({
  prompt: 'What is switched on, with commas between',
  usual: answers.features.join(', '),
  read: (text) => {
    const read = wordsOf('feature', text, features)
    return 'ok' in read ? { ok: { ...answers, features: read.ok } } : read
  },
  none: { ...answers, features: [] },
  words: features.map((feature) => `${feature.padEnd(22)}${featureRows[feature].title}`),
})

type Group = readonly SiteRole[]

/** The roles that the features need and nobody plays, each group once. */
function groupsLacking({ features: on, hosts }: Answers): readonly Group[] {
  const groups = on.flatMap((feature) => lackingRoles(feature, hosts))
  return [...new Map(groups.map((group) => [group.join(), group])).values()]
}

const hostQuestion =
  (group: Group): Put =>
  (answers) => {
    const [role] = group
    // An answer before this one may have given the role.
    if (role === undefined || answers.hosts.some(({ roles }) => group.some((each) => roles.includes(each))))
      return undefined
    return {
      prompt: `Which host is the ${group.map((each) => roleRows[each].title).join(' or ')}: its name or address`,
      usual: '',
      read: (text) => {
        const host = hostFrom(text, role)
        return 'ok' in host ? { ok: withHost(answers, host.ok) } : host
      },
      none: answers,
    }
  }

function hostFrom(text: string, role: SiteRole): { readonly ok: HostAnswer } | Remedy {
  const address = readAddress(text)
  if ('ok' in address) return { ok: { key: role, addresses: [address.ok], roles: [role] } }
  const name = readHostName(text)
  if (!('ok' in name)) return { what: name.what, right: 'write a name such as dc01.corp.example, or an address' }
  const key = readLabel(name.ok.split('.')[0] ?? '')
  return {
    ok: {
      key: 'ok' in key ? key.ok : role,
      ...(name.ok.includes('.') && { name: name.ok }),
      addresses: [],
      roles: [role],
    },
  }
}

/** Adds a host, or its role to the one that has its key, name or address already. */
function withHost(answers: Answers, host: HostAnswer): Answers {
  const isSame = ({ key, name, addresses }: HostAnswer): boolean =>
    key.toLowerCase() === host.key.toLowerCase() ||
    (name !== undefined && name === host.name) ||
    host.addresses.some((address) => addresses.includes(address))
  const joined = (old: HostAnswer): HostAnswer =>
    isSame(old) ? { ...old, roles: [...new Set([...old.roles, ...host.roles])] } : old
  const [self, ...others] = answers.hosts
  const known = answers.hosts.some(isSame)
  return { ...answers, hosts: [joined(self), ...others.map(joined), ...(known ? [] : [host])] }
}

const resolversQuestion: Put = (answers) => ({
  prompt: 'Name servers of the site, with commas between',
  usual: answers.resolvers.join(', '),
  read: (text) => {
    const read = text.split(/[\s,]+/).map(readResolver)
    const wrong = read.find((one) => 'what' in one)
    if (wrong !== undefined) return wrong
    return { ok: { ...answers, resolvers: [...new Set(read.flatMap((one) => ('ok' in one ? [one.ok] : [])))] } }
  },
  none: { ...answers, resolvers: [] },
})

const proxyQuestion: Put = (answers) => {
  const { proxy, ...without } = answers
  return {
    prompt: `HTTP proxy that ${answers.hosts[0].key} goes out by`,
    usual: proxy?.url ?? '',
    read: (text) =>
      taken(readProxyUrl(/^https?:\/\//i.test(text) ? text : `http://${text}`), (url) => ({
        ...answers,
        proxy: proxy?.url === url ? proxy : { url, asksWho: false },
      })),
    none: without,
  }
}

const proxyPasswordQuestion: Put = (answers) => {
  const { proxy } = answers
  if (proxy === undefined || proxy.asksWho) return undefined
  return {
    prompt: 'Does it want a user name and password, yes or no',
    usual: 'no',
    read: (text) => {
      if (/^no?$/i.test(text)) return { ok: answers }
      return /^y(es)?$/i.test(text)
        ? { ok: { ...answers, proxy: { ...proxy, asksWho: true } } }
        : { what: 'this is neither', right: 'say yes or no; the password itself is never asked for' }
    },
  }
}

function taken(read: { readonly ok: string } | Remedy, make: (value: string) => Answers): Read {
  return 'ok' in read ? { ok: make(read.ok) } : read
}

/** Reads words of a list, with commas or spaces between. */
export function wordsOf<const Word extends string>(
  title: string,
  text: string,
  known: readonly Word[],
): { readonly ok: readonly Word[] } | Remedy {
  const found: Word[] = []
  for (const word of text.toLowerCase().split(/[\s,]+/)) {
    if (word === '') continue
    const right = known.find((each) => each === word)
    if (right === undefined) return unknownWord(title, word, known)
    if (!found.includes(right)) found.push(right)
  }
  return { ok: found }
}
