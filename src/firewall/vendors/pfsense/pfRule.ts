import type { Span } from '../../source.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import { isOn } from './interfaces.ts'

/** One end of a rule, as it is written. */
export interface PfEnd {
  /** `any`, `lan`, `lanip`, `(self)`, an address, a prefix or an alias; of several, any. */
  readonly words: readonly string[]
  readonly isNegated: boolean
  readonly port: string
}

/** A filter rule of either product, before its words are looked up. */
export interface PfRule {
  readonly span: Span
  readonly name: string
  readonly comment: string
  readonly type: string
  /** Keys of interfaces, or names of groups; empty: every interface. */
  readonly interfaces: readonly string[]
  readonly isNotOn: boolean
  readonly direction: 'in' | 'out' | 'any'
  readonly isQuick: boolean
  /** Floating rules come first, then those of groups, then those of one interface. */
  readonly isFloating: boolean
  /** `inet`, `inet6`, `inet46`. */
  readonly family: string
  /** In lower case; empty: any. */
  readonly protocol: string
  readonly icmpTypes: readonly string[]
  readonly source: PfEnd
  readonly destination: PfEnd
  readonly sets: string
  readonly tagged: string
  /** Gateway or group of gateways that what it passes is led to, whatever the routes say; empty: none. */
  readonly gateway: string
  /** Bits that must be set, of those that are looked at, by name: `syn` of `syn,ack`. */
  readonly flags?: { readonly set: readonly string[]; readonly of: readonly string[] }
  /** Elements that decide too and of which a configuration does not settle when they hold: name and text. */
  readonly conditions: readonly (readonly [name: string, text: string])[]
  /** Elements that are not known. */
  readonly strange: readonly string[]
}

/** Elements of a rule that say nothing about what passes. */
const silent = new Set(
  `ackqueue allowopts associated-rule-id categories category created defaultqueue descr description disabled
   disablereplyto dnpipe enabled enabled_in_group floating icmp6-type id label log nopfsync nosync pdnpipe
   prio prio_group reply-to replyto ridentifier sequence set-prio set-prio-low shaper1 shaper2 sort_order statepolicy state-policy
   statetimeout tcpflags_any tracker ruleid updated uuid vlanprioset adaptivestart adaptiveend icmp6type udp-first udp-multiple udp-single overload`.split(
    /\s+/,
  ),
)

/** Elements that are read. */
const read = new Set(
  `type action interface interfacenot ipprotocol protocol icmptype source destination quick direction gateway tag tagged tcpflags1
   tcpflags2 statetype source_net source_not source_port destination_net destination_not destination_port`.split(/\s+/),
)

/** Elements that narrow a rule by what a flow does not tell. */
const narrowing = new Set(
  `sched os dscp vlanprio max max-src-nodes max-src-conn max-src-states max-src-conn-rate max-src-conn-rates macaddr
   ackmode nottagged tos`.split(/\s+/),
)

/** A rule of `<filter>`, which both products have. */
export function oldRule(element: XmlTree): PfRule {
  const of = textOf(element)
  const isFloating = isOn(element.child('floating'))
  return {
    ...common(element),
    type: of('type') === '' ? 'pass' : of('type').toLowerCase(),
    isFloating,
    // On the page of an interface a rule ends the search unless it says otherwise.
    isQuick: isFloating
      ? isOn(element.child('quick'))
      : element.child('quick') === undefined || isOn(element.child('quick')),
    direction: directionOf(of('direction'), isFloating),
    source: oldEnd(element.child('source')),
    destination: oldEnd(element.child('destination')),
  }
}

/** A rule of OPNsense's newer list, `<OPNsense><Firewall><Filter><rules>`. */
export function newRule(element: XmlTree): PfRule {
  const of = textOf(element)
  const shared = common(element)
  return {
    ...shared,
    type: of('action').toLowerCase(),
    isFloating: shared.interfaces.length !== 1,
    isQuick: isOn(element.child('quick')),
    direction: directionOf(of('direction'), false),
    source: newEnd(element, 'source'),
    destination: newEnd(element, 'destination'),
  }
}

/** Whether a rule is switched off. */
export function isDisabled(element: XmlTree): boolean {
  return isOn(element.child('disabled')) || (element.child('enabled') !== undefined && !isOn(element.child('enabled')))
}

function common(element: XmlTree) {
  const of = textOf(element)
  const comment = of('descr') === '' ? of('description') : of('descr')
  const span = element.span()
  const words = (name: string): readonly string[] =>
    of(name)
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean)
  const [set, looked] = [words('tcpflags1'), words('tcpflags2')]
  return {
    span,
    comment,
    name: comment === '' ? (span.path ?? `line ${span.line}`) : comment,
    interfaces: of('interface')
      .split(/[\s,]+/)
      .filter((word) => word !== '' && word !== 'any'),
    isNotOn: isOn(element.child('interfacenot')),
    family: of('ipprotocol') === '' ? 'inet' : of('ipprotocol').toLowerCase(),
    protocol: of('protocol').toLowerCase().replace(/^any$/, ''),
    icmpTypes: words('icmptype').filter((word) => word !== 'any'),
    sets: of('tag'),
    tagged: of('tagged'),
    gateway: of('gateway'),
    ...(looked.length > 0 && { flags: { set, of: looked } }),
    conditions: element.elements().flatMap((child) => {
      const [name, said] = [child.name, child.text()]
      const counts = narrowing.has(name) || (name === 'statetype' && said.startsWith('none'))
      return counts && said !== '' && said !== 'any' ? [[name, said] as const] : []
    }),
    strange: element
      .elements()
      .filter(({ name }) => !silent.has(name) && !read.has(name) && !narrowing.has(name))
      .map(({ name }) => name),
  }
}

function textOf(element: XmlTree): (name: string) => string {
  return (name) => element.child(name)?.text() ?? ''
}

function directionOf(word: string, isFloating: boolean): PfRule['direction'] {
  if (word === 'in' || word === 'out' || word === 'any') return word
  return isFloating ? 'any' : 'in'
}

function oldEnd(end: XmlTree | undefined): PfEnd {
  const of = (name: string): string => end?.child(name)?.text() ?? ''
  const named = [of('network'), of('address')].find((word) => word !== '')
  return {
    words: end === undefined || end.child('any') !== undefined || named === undefined ? ['any'] : named.split(','),
    isNegated: isOn(end?.child('not')),
    port: of('port'),
  }
}

function newEnd(element: XmlTree, side: 'source' | 'destination'): PfEnd {
  const of = (name: string): string => element.child(`${side}_${name}`)?.text() ?? ''
  return {
    words: of('net') === '' ? ['any'] : of('net').split(','),
    isNegated: isOn(element.child(`${side}_not`)),
    port: of('port'),
  }
}
