import { severities } from '../../model/finding.ts'
import { auditLooks } from './auditStanding.ts'
import { needWords } from './explainLayout.ts'
import { looks } from './standing.ts'

/** A word of the reports: what it says, and what to ask next. */
export interface WordRow {
  readonly says: string
  /** Words that are explained as well. */
  readonly see: readonly string[]
}

const own: Readonly<Record<string, WordRow>> = {
  flow: {
    says: 'one connection that a site needs: who opens it, to whom, on which port and transport, and why. Each has the id of its row, such as t1-ldaps',
    see: ['t1-ldaps', 'necessity', 'vantage'],
  },
  necessity: {
    says: 'how much a flow is needed: required, conditional, recommended, optional, legacy, local-only or not-required',
    see: ['required', 'conditional'],
  },
  vantage: {
    says: 'the host that a check speaks for: the one of the site file whose address or name this machine has, or that --from names. What other hosts open is counted as elsewhere and not judged',
    see: ['--from', 'elsewhere'],
  },
  elsewhere: {
    says: 'flows of the site that other machines open: to be checked from there',
    see: ['vantage', '--from'],
  },
  target: {
    says: 'what is asked without a site file: a URL whose scheme is the protocol, such as ldap://dc01, or host:port',
    see: ['check'],
  },
  verdict: {
    says: `what a check came to for one flow: ${Object.entries(looks)
      .map(([look, { means }]) => `${look} (${means})`)
      .join(', ')}`,
    see: ['blocked', 'confidence', 'cause'],
  },
  cause: { says: 'why a flow fails, by a code that never changes; each has its own answer here', see: ['sni-filter'] },
  owner: {
    says: 'whose turn it is: network, firewall, proxy, dns, directory, pki, host, cloud, app, or tool where a check has to be made otherwise',
    see: ['cause'],
  },
  confidence: {
    says: 'how sure a verdict is: certain, likely, possible or undetermined',
    see: ['certain', 'likely', 'possible', 'undetermined'],
  },
  certain: { says: 'a direct statement shows it, and no comparison speaks against it', see: ['confidence'] },
  likely: { says: 'a comparison differs: two independent kinds of evidence show it', see: ['confidence', 'control'] },
  possible: { says: 'one kind of evidence shows it; what is not excluded stands beside it', see: ['confidence'] },
  control: {
    says: 'a question that differs from the one that failed in one thing alone: another name, address, port, resolver or way out. What it answers tells causes apart',
    see: ['evidence', 'confidence'],
  },
  evidence: {
    says: 'what was seen of a flow, step by step: its own question, repeats, controls, and what other flows showed of the same place; --long and the HTML report list it',
    see: ['control', '--long'],
  },
  finding: {
    says: `what needs attention, of one flow or of many, with its severity: ${severities.join(', ')}`,
    see: ['severity'],
  },
  severity: {
    says: `how grave a finding is: ${severities.join(', ')}. From --fail-on on the exit code is 1`,
    see: ['--fail-on'],
  },
  coverage: {
    says: 'how many statements of a configuration an audit understood. What it did not understand is listed, and every verdict that it could touch is may',
    see: ['may', 'audit'],
  },
  rights: {
    says: 'what this process may do, in two tiers: connect, which anybody may and which tells what answers; and capture, which needs a right and tells who refuses and which device forbids',
    see: ['--capture', 'doctor', 'refused'],
  },
  folklore: {
    says: 'a port or rule that is passed on without a page of Microsoft behind it, or that is true of old builds alone',
    see: ['8443'],
  },
}

/** Words that reports are written in, whose meaning nobody should have to guess. */
export const reportWords: Readonly<Record<string, WordRow>> = {
  ...Object.fromEntries(Object.entries(needWords).map(([word, says]) => [word, { says, see: ['necessity'] }])),
  ...Object.fromEntries(
    Object.entries(auditLooks).map(([look, { means }]) => [
      look,
      { says: `a verdict of an audit: ${means}`, see: ['coverage', '--flow'] },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(looks).map(([look, { means }]) => [look, { says: `a verdict: ${means}`, see: ['verdict'] }]),
  ),
  ...own,
}
