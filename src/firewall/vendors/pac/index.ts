import type { Finding } from '../../../model/finding.ts'
import type { Reader } from '../../reader.ts'
import type { RuleSet } from '../../ruleset.ts'
import type { ConfigurationFile, Span } from '../../source.ts'
import { longestQuoted } from '../../source.ts'
import { countStatements } from '../../text/statements.ts'

export { write } from './write.ts'

/**
 * Reads a proxy auto-configuration script. It is a program: which way it sends a request is known by asking it, which is
 * for whoever may run it, and it is one statement. Here it is one rule that may do anything, at the line of its function.
 *
 * A browser has one script: of several files the first is asked.
 */
export const read: Reader = (files) => {
  const statements = countStatements()
  const ruleSets: RuleSet[] = []
  const findings: Finding[] = []
  for (const file of files) {
    const span = functionSpan(file)
    if (span === undefined) {
      statements.unread(firstLine(file), 'it has no function FindProxyForURL')
    } else if (ruleSets.length > 0) {
      statements.unread(span, 'a browser asks one script, and another was given before it')
    } else {
      statements.understood()
      ruleSets.push(scriptRuleSet(file.name, span))
      if (isDetected(file.name)) findings.push(detection(span))
    }
  }
  return { ruleSets, coverage: statements.coverage(), ...(findings.length > 0 && { findings }) }
}

/** The stage, and the chain, in which a script is one rule. */
export const scriptStage = 'FindProxyForURL'

/** A script that was not asked: it may send a request any way. */
function scriptRuleSet(name: string, span: Span): RuleSet {
  const unknowns = [{ kind: 'other', what: `what ${name} answers` }] as const
  return {
    vendor: 'pac',
    name,
    stages: [
      {
        name: scriptStage,
        hook: 'forward',
        kind: 'filter',
        chain: scriptStage,
        otherwise: { action: 'allow', name: scriptStage },
        stateful: true,
        addresses: 'current',
      },
    ],
    chains: { [scriptStage]: [{ name: scriptStage, span, match: {}, action: { kind: 'unknown' }, unknowns }] },
    places: [],
    doubts: [],
  }
}

const header = /(?:^|[^\w$.])FindProxyForURL\b/

/**
 * The line in which the function of a script stands: its declaration, else where its name is first.
 *
 * @returns undefined for what has no such name, and so is no script
 */
function functionSpan(file: ConfigurationFile): Span | undefined {
  const lines = file.text.split(/\r\n|\n|\r/)
  const declared = lines.findIndex((line) => /\bfunction\s+FindProxyForURL\s*\(/.test(line))
  const at = declared === -1 ? lines.findIndex((line) => header.test(line)) : declared
  const line = lines[at]
  return line === undefined ? undefined : { file: file.name, line: at + 1, text: quoted(line) }
}

function firstLine({ name, text }: ConfigurationFile): Span {
  return { file: name, line: 1, text: quoted(text.slice(0, 4 * longestQuoted).split(/[\r\n]/, 1)[0] ?? '') }
}

function quoted(line: string): string {
  return line
    .replace(/^\uFEFF/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, longestQuoted)
}

/** Under this name browsers look for a script by themselves (WPAD). */
function isDetected(name: string): boolean {
  return /(^|[/\\])wpad\.(dat|da)$/i.test(name)
}

function detection({ file, line }: Span): Finding {
  return {
    code: 'proxy-detection',
    severity: 'info',
    what: `${file} has the name under which browsers find a script by themselves (WPAD)`,
    where: { file, line },
    why: 'Who answers for the name wpad in a domain above, or by DHCP (option 252), gives such browsers another script than this one, and decides where all their requests go.',
    next: 'Configure the address of the script on the machines, turn detection off, and keep the name wpad in the own DNS',
    flows: [],
  }
}
