import type { FindingRow } from '../model/finding.ts'

type Code =
  | 'shadowed'
  | 'redundant'
  | 'generalised'
  | 'correlated'
  | 'dead-code'
  | 'dangling-reference'
  | 'open-inbound'
  | 'open-wide'
  | 'unneeded-port'
  | 'tls-inspection'
  | 'hard-coded-address'
  | 'stale-address'
  | 'revocation-blocked'
  | 'revocation-disabled'
  | 'nat-misdirects'
  | 'nat-overlap'
  | 'return-blocked'
  | 'name-bypass'
  | 'ipv6-gap'
  | 'split-tunnel-excludes'
  | 'egress-split'
  | 'proxy-port'
  | 'authenticated-proxy'
  | 'forbidden-flow-open'
  | 'unread-statement'
  | 'unknown-device'
  | 'configuration-differs'

/** Findings of an audit; the key is the code. A finding itself says how grave it is where it was found. */
export const auditFindingRows: Readonly<Record<Code, FindingRow>> = Object.freeze({
  shadowed: {
    severity: 'high',
    meaning:
      'Earlier rules take every packet that a rule asks for, and do something else with them: it can never match.',
    why: 'Who reads the rule believes that it holds. High where a flow of the plan is harmed by it, medium where none is.',
    fix: 'Move the rule before those that the finding names if it is meant to hold, else take it out.',
  },
  redundant: {
    severity: 'low',
    meaning:
      'Earlier rules take every packet of a rule and do the same, or a later one would: without it nothing changes.',
    why: 'Superfluous rules hide those that matter, and live on when the other is narrowed.',
    fix: 'Take it out, or narrow the other if this one was meant to stand alone.',
  },
  generalised: {
    severity: 'info',
    meaning: 'Earlier rules are exceptions to a rule: each takes part of its packets and does the opposite.',
    why: 'It is often meant so, and who reads this rule alone does not see it.',
    fix: 'Nothing, if the exceptions are meant; else take them out.',
  },
  correlated: {
    severity: 'low',
    meaning: 'Two rules overlap and do the opposite, and a flow that must be open goes through the overlap.',
    why: 'Only their order decides about the flow: who sorts or moves rules breaks it without touching it.',
    fix: 'Give the flow a rule of its own before both.',
  },
  'dead-code': {
    severity: 'low',
    meaning: 'A chain that nothing leads to, a list that is attached to nothing, or a rule that no packet can match.',
    why: 'It does nothing. Often a jump, an attachment or a member of a group was forgotten.',
    fix: 'Add what is missing, or take it out.',
  },
  'dangling-reference': {
    severity: 'high',
    meaning: 'A rule refers to an object, group, list or chain that the files do not define.',
    why: 'What the rule matches is not known, and every verdict that depends on it stays open. High where a required flow does.',
    fix: 'Give the file that defines it as well, or correct the name.',
  },
  'open-inbound': {
    severity: 'high',
    meaning: 'A rule lets anybody on the internet to the inside, and no flow of the plan needs it.',
    why: 'Entra Connect, agents and connectors open all of their connections themselves. Ports of administration and files (22, 445, 3389, 5985 and the like) are tried by strangers all the time: they are told even without a site file, as high.',
    fix: 'Take the rule out, or narrow its source; what is published on purpose belongs under flows: of the site file.',
  },
  'open-wide': {
    severity: 'high',
    meaning:
      'A rule between networks allows everything from anywhere to anywhere, or a server everything to everywhere. A network of clients that goes out from inside is not told.',
    why: 'Behind such a rule no other decides, and what a stolen server could do is everything.',
    fix: 'Write a rule for each flow that is needed, as postern plan --for gives them, and take the wide one out.',
  },
  'unneeded-port': {
    severity: 'medium',
    meaning:
      'A rule opens a port towards Microsoft, or for a server to the outside, that no flow of the plan has; without a site file, none of the catalog.',
    why: 'Towards Entra ID everything is 443, and 80 for revocation: 8443, 5671, 9090, 10100 to 10120 and their like are folklore, or of builds that are gone. The 8443 of an own app is a flow where the site has one.',
    fix: 'Take the port out of the rule; or write the flow that needs it into the site file.',
  },
  'tls-inspection': {
    severity: 'high',
    meaning: 'A device opens TLS on the way to a name of which Microsoft says that it must be left alone.',
    why: 'Agents hold a certificate of their own or trust no other chain: registration, sign-in or upload fails, sometimes only on the day of a renewal.',
    fix: 'Exempt the names in the rules of decryption, before the rule that inspects.',
  },
  'hard-coded-address': {
    severity: 'medium',
    meaning:
      'A rule stands for a name by addresses that Microsoft does not publish for it, or by single machines of a published range.',
    why: 'Addresses of such names change without notice, and the rule then blocks what it was made for.',
    fix: 'Allow the name, on the device or on a proxy; or the whole published list where there is one.',
  },
  'stale-address': {
    severity: 'medium',
    meaning:
      'A rule has addresses among those of Microsoft that are in no list that is known, while their neighbours are.',
    why: 'Lists change every week: an address that left them may belong to anybody by now.',
    fix: 'Write the rule anew from the list of today, and look up whose the address is.',
  },
  'revocation-blocked': {
    severity: 'high',
    meaning:
      'Revocation lists and responders on port 80 are denied on the way on which 443 of the same machine passes.',
    why: 'Services fetch them by the machine’s own way, not by the proxy of a user: each set-up of TLS then waits for a time-out, and strict clients refuse.',
    fix: 'Allow tcp 80 to the revocation hosts on the way that the service itself takes.',
  },
  'revocation-disabled': {
    severity: 'medium',
    meaning: 'A configuration turns off that certificates are checked: for revocation, or at all.',
    why: 'A certificate that was withdrawn, or one of anybody, is then taken for good.',
    fix: 'Turn the check on, and open the way to the lists and responders instead.',
  },
  'nat-misdirects': {
    severity: 'high',
    meaning: 'A translation of addresses leads a flow to a machine that it was not sent to.',
    why: 'The rules allow it, so that it looks open from each device by itself; another machine answers, or none.',
    fix: 'Narrow the translation to what is meant, or correct its target.',
  },
  'nat-overlap': {
    severity: 'medium',
    meaning: 'Earlier translations take every packet of a translation and lead it elsewhere: it never translates.',
    why: 'Two machines are published at one address and port, and only the first is reached.',
    fix: 'Take one of the two out, or give them different addresses or ports.',
  },
  'return-blocked': {
    severity: 'high',
    meaning: 'A request is allowed and its answer is denied, by a list that keeps no connections in mind.',
    why: 'The connection is never set up, and it looks like a silent far end. Network ACLs and lists of routers are the usual place.',
    fix: 'Allow the way back, from the service’s port to the ports from which clients ask (1024 to 65535).',
  },
  'name-bypass': {
    severity: 'medium',
    meaning:
      'A rule that allows the same ports to every address stands before rules about names, or every address stands beside the names of a rule.',
    why: 'No name is ever asked for: the list of names looks like a filter and is none.',
    fix: 'Take these ports out of the wide rule, or narrow its destination.',
  },
  'ipv6-gap': {
    severity: 'high',
    meaning:
      'A flow passes by one family of addresses and not by the other; or a filter is of IPv4 alone, and IPv6 goes through.',
    why: 'Clients choose the family themselves: the flow fails at times, or what was shut is open by the other way.',
    fix: 'Write the rules for both families, with the same default.',
  },
  'split-tunnel-excludes': {
    severity: 'high',
    meaning:
      'The list of a VPN leads a flow past the tunnel although its far end is behind it, nowhere, or partly by each way.',
    why: 'It works in the office and fails outside, or one service sees the same machine at two addresses.',
    fix: 'Complete the list with all prefixes of both families, or take out what should not be on it.',
  },
  'egress-split': {
    severity: 'medium',
    meaning: 'Sign-in and resources leave one machine by different public addresses.',
    why: 'With continuous access evaluation and strict location enforcement a token is refused at another address than the one it was asked from (Instant IP enforcement).',
    fix: 'Let both leave by the same addresses, or have all of them in the trusted location.',
  },
  'proxy-port': {
    severity: 'high',
    meaning: 'A proxy refuses tunnels (CONNECT) to a port that a flow needs, and opens them to the same name on 443.',
    why: 'The usual list of ports for tunnels has 443 alone: 8443 of an own app and 5671 are refused.',
    fix: 'Add the port to the list for these names, not for all.',
  },
  'authenticated-proxy': {
    severity: 'high',
    meaning: 'Whether a service passes a proxy depends on who signs in there.',
    why: 'A service has nobody who types a password, and agents do not answer a proxy’s challenge.',
    fix: 'Allow the machines by address to the names before the rule that asks who it is.',
  },
  'forbidden-flow-open': {
    severity: 'high',
    meaning: 'A flow that must be closed is open: a negative row of the catalog, or one that the site file forbids.',
    why: 'Nothing needs the opening, so whatever passes there is unwanted; 8443 towards Entra ID is the usual one.',
    fix: 'Take the rule out that opens it, or narrow it, then audit again.',
  },
  'unread-statement': {
    severity: 'medium',
    meaning: 'A statement of a configuration was not understood.',
    why: 'Every verdict that it could touch stays open. Low where no flow depends on it.',
    fix: 'Look at it, say it in another way, or judge the flow by hand.',
  },
  'unknown-device': {
    severity: 'high',
    meaning:
      'A flow that the configurations allow is kept back on the wire, as a check saw it (audit --with): something stands on the way that they do not have.',
    why: 'A rule that is asked for where nothing is in the way does not help; the device that is in the way has an owner, too.',
    fix: 'Find what stands at the place that the finding names, add its configuration to devices: and paths: of the site file, then audit again.',
  },
  'configuration-differs': {
    severity: 'high',
    meaning:
      'What passes on the wire, as a check saw it (audit --with), is not what the configuration at hand says: the file is not what runs, or another way leads round the device.',
    why: 'All that the audit says of the device is said of a file that does not hold.',
    fix: 'Export the configuration of the device anew, and see that no second card, tunnel or proxy leads round it.',
  },
})

export type AuditFindingCode = keyof typeof auditFindingRows
