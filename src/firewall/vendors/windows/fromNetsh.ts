import type { ConfigurationFile, Span, UnreadStatement } from '../../source.ts'
import { linesIn } from '../../text/linesIn.ts'
import { placesIn } from '../../text/placesIn.ts'
import type { Entry } from './entry.ts'
import { exportCommand, fieldName } from './entry.ts'
import type { FoundEntries } from './fromJson.ts'

const dashes = /^-{20,}$/
const labelled = /^([A-Za-z][A-Za-z ]*?):(?:\s+(.*))?$/
const profileTitle = /^(Domain|Private|Public) Profile Settings:/i
const setting = /^(\S[^:]*?)\s{2,}(\S.*)$/

/** What netsh calls the settings of a profile. */
const settingNames: Readonly<Record<string, string>> = {
  state: 'enabled',
  localfirewallrules: 'allowlocalfirewallrules',
}

const notShown = 'packages, local users, interfaces and names, which netsh does not show'
const notVerbose = `programs, services and IPsec, which netsh shows with "verbose" alone, and ${notShown}`

interface Line {
  readonly text: string
  readonly start: number
  readonly end: number
}

/**
 * Reads `netsh advfirewall firewall show rule name=all verbose` and `netsh advfirewall show allprofiles`, in English:
 * the labels of other languages are told as not understood, with what to run instead.
 */
export function entriesOfNetsh(file: ConfigurationFile): FoundEntries {
  const places = placesIn(file)
  const lines = linesIn(file).map(({ text, start, end }): Line => ({ text: text.trim(), start, end }))
  const entries: Entry[] = []
  const unread: UnreadStatement[] = []
  // A block begins on the line before its dashes.
  const starts = lines.flatMap(({ text }, at) => (dashes.test(text) && at > 0 ? [at - 1] : []))
  for (const line of lines.slice(0, starts[0] ?? lines.length)) {
    if (line.text === '' || /^(Ok\.|No rules match.*)$/.test(line.text)) continue
    unread.push({ span: places.span(line.start, line.end), why: 'the line stands outside of any rule or profile' })
  }
  for (const [at, start] of starts.entries()) {
    const block = lines.slice(start, starts[at + 1] ?? lines.length).filter(({ text }) => text !== '' && text !== 'Ok.')
    const [title] = block
    if (title === undefined) continue
    const span = places.span(title.start, block.at(-1)?.end ?? title.end)
    const body = block.slice(2)
    const profile = profileTitle.exec(title.text)?.[1]
    if (profile !== undefined) entries.push({ ...profileOf(profile, body), span })
    else if (/^Rule Name:/i.test(title.text)) entries.push(ruleOf([title, ...body], span))
    else {
      unread.push({
        span,
        why: `"${title.text.split(':')[0]?.slice(0, 40)}" is no label of netsh in English: other languages are not read; run: ${exportCommand}`,
      })
    }
  }
  return { entries, unread }
}

function ruleOf(lines: readonly Line[], span: Span): Entry {
  const fields = new Map<string, readonly string[]>()
  const doubts: string[] = []
  const icmp: string[] = []
  let isIcmp = false
  for (const { text } of lines) {
    const match = labelled.exec(text)
    if (match !== null) {
      const name = fieldName(match[1] ?? '')
      const value = match[2]?.trim() ?? ''
      isIcmp = name === 'protocol' && /^icmp/i.test(value)
      if (value !== '') fields.set(name, [value])
    } else if (isIcmp) {
      const types = /^(\d+|Any)\s+(\d+|Any)$/i.exec(text)
      if (types !== null) icmp.push(`${types[1]}:${types[2]}`.replace(/^Any:.*/i, 'Any').replace(/:Any$/i, ''))
      else if (!/^Type\s+Code$/i.test(text)) doubts.push(`the line "${text.slice(0, 60)}"`)
    } else if (!dashes.test(text)) doubts.push(`the line "${text.slice(0, 60)}"`)
  }
  if (icmp.length > 0) fields.set('icmptype', icmp)
  const security = fields.get('security')
  fields.delete('security')
  fields.set('authentication', security ?? ['NotRequired'])
  // netsh names the computers and users of a rule only where it has some, and programs and services likewise.
  for (const name of [
    'program',
    'service',
    'package',
    'interfacealias',
    'encryption',
    'localuser',
    'remoteuser',
    'remotemachine',
    'interfacetype',
    'localport',
    'remoteport',
    'icmptype',
  ]) {
    if (!fields.has(name)) fields.set(name, ['Any'])
  }
  const source = fields.get('rulesource')?.[0] ?? ''
  const store = /^local/i.test(source) ? 'local' : /group policy/i.test(source) ? 'policy' : undefined
  return {
    fields,
    span,
    notShown: security === undefined ? notVerbose : notShown,
    ...(doubts.length > 0 && { doubts }),
    ...(store !== undefined && { store }),
  }
}

function profileOf(profile: string, lines: readonly Line[]): { readonly fields: Map<string, readonly string[]> } {
  const fields = new Map<string, readonly string[]>([['name', [profile]]])
  for (const { text } of lines) {
    const match = setting.exec(text)
    if (match === null) continue
    const name = fieldName(match[1] ?? '')
    const value = match[2]?.trim() ?? ''
    if (name === 'firewallpolicy') {
      const inbound = /(Allow|Block)Inbound(Always)?/i.exec(value)
      fields.set('defaultinboundaction', [inbound?.[1] ?? 'NotConfigured'])
      fields.set('defaultoutboundaction', [/(Allow|Block)Outbound/i.exec(value)?.[1] ?? 'NotConfigured'])
      if (inbound?.[2] !== undefined) fields.set('allowinboundrules', ['False'])
    } else if (Object.hasOwn(settingNames, name)) {
      fields.set(settingNames[name] ?? name, [plainState(value)])
    }
  }
  if (!fields.has('defaultinboundaction')) fields.set('defaultinboundaction', ['NotConfigured'])
  return { fields }
}

function plainState(value: string): string {
  if (/^(on|enable)/i.test(value)) return 'True'
  return /^(off|disable)/i.test(value) ? 'False' : 'NotConfigured'
}
