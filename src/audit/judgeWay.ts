import type { AddressRange } from '../firewall/addresses.ts'
import { commonRanges, mergedRanges } from '../firewall/addresses.ts'
import type { AskedFlow, JudgedPath, Knowledge, Passage, PathDevice } from '../firewall/judged.ts'
import type { Hook, RuleSet, Stage } from '../firewall/ruleset.ts'
import type { Unknown } from '../firewall/unknown.ts'

/** The judge of a way: given, so that what joins it to flows can be tested apart from it. */
export type JudgePath = (
  devices: readonly PathDevice[],
  asked: AskedFlow,
  knowledge: Knowledge,
  given?: { readonly arrives?: readonly AddressRange[] },
) => JudgedPath

/** What the devices of a way do with a flow, or why nobody can say. */
export type JudgedWay =
  | { readonly devices: readonly PathDevice[]; readonly judged: JudgedPath }
  | { readonly why: string; readonly add: string }

/** Ways that are judged where the rule sets of devices stand beside each other: more tell a reader nothing. */
const mostWays = 16

/**
 * Judges a flow by the devices of its way. Rule sets that are attached to machines or networks are asked where the flow's
 * end is among those. Of several that are attached to nothing, such as virtual devices of one firewall, nobody knows which
 * one the flow meets: each is asked, and where they do not agree the flow *may* pass.
 */
export function judgeWay(
  given: readonly PathDevice[],
  asked: AskedFlow,
  knowledge: Knowledge,
  judgePath: JudgePath,
  arrives?: readonly AddressRange[],
): JudgedWay {
  const options = arrives === undefined ? {} : { arrives }
  const devices: PathDevice[] = []
  for (const device of given) {
    const ruleSets = device.ruleSets.filter((ruleSet) => isAbout(ruleSet, device.passage, asked))
    if (device.ruleSets.length > 0 && ruleSets.length === 0) {
      return {
        why: `nothing of ${device.label} is attached to the end of the flow that it would guard`,
        add: `the export of what guards it, or take ${device.label} out of the path`,
      }
    }
    devices.push({ ...device, ruleSets })
  }
  const ways = waysOf(devices)
  if (ways === undefined) {
    return {
      why: `there are too many rule sets beside each other in ${devices.map(({ label }) => label).join(', ')}`,
      add: 'files that hold one virtual device or policy each',
    }
  }
  const [first, ...others] = ways.map((way) => ({ devices: way, judged: judgePath(way, asked, knowledge, options) }))
  if (first === undefined) return { devices, judged: judgePath(devices, asked, knowledge, options) }
  const differs = others.some(({ judged }) => judged.verdict !== first.judged.verdict)
  return differs ? undecided(devices, [first, ...others]) : first
}

const hooksOf: Readonly<Record<Passage, readonly Hook[]>> = {
  forward: ['prerouting', 'forward', 'postrouting'],
  output: ['output', 'postrouting'],
  input: ['prerouting', 'input'],
}

function stagesOf({ stages }: RuleSet, passage: Passage): readonly Stage[] {
  return stages.filter(({ hook }) => hooksOf[passage].includes(hook))
}

function isAbout(ruleSet: RuleSet, passage: Passage, { source, destination }: AskedFlow): boolean {
  const stages = stagesOf(ruleSet, passage)
  // What has nothing to say here is no other machine's for that.
  if (stages.length === 0) return true
  return stages.some(({ attachedTo, hook }) => {
    const end = hook === 'input' ? destination : source
    if (attachedTo === undefined || end === undefined || hook === 'forward') return true
    const reach = [...attachedTo.sure, ...attachedTo.possible.flatMap(({ within }) => within)]
    return commonRanges(mergedRanges(reach), mergedRanges(end)).length > 0
  })
}

/** Every choice of one rule set for each device whose rule sets stand beside each other. */
function waysOf(devices: readonly PathDevice[]): readonly (readonly PathDevice[])[] | undefined {
  let ways: readonly (readonly PathDevice[])[] = [[]]
  for (const device of devices) {
    const beside = device.ruleSets.length > 1 && device.ruleSets.some((one) => !isAttached(one, device.passage))
    const choices = beside ? device.ruleSets.map((ruleSet) => ({ ...device, ruleSets: [ruleSet] })) : [device]
    ways = ways.flatMap((way) => choices.map((choice) => [...way, choice]))
    if (ways.length > mostWays) return undefined
  }
  return ways
}

function isAttached(ruleSet: RuleSet, passage: Passage): boolean {
  const stages = stagesOf(ruleSet, passage)
  return stages.length > 0 && stages.every(({ attachedTo }) => attachedTo !== undefined)
}

/** Where the ways do not agree the flow may pass; the parts of each say by which it would. */
function undecided(
  devices: readonly PathDevice[],
  ways: readonly { readonly devices: readonly PathDevice[]; readonly judged: JudgedPath }[],
): JudgedWay {
  const because = devices
    .filter(({ ruleSets }) => ruleSets.length > 1)
    .map(
      ({ label, ruleSets }): Unknown => ({
        kind: 'place',
        what: `which of ${ruleSets.map(({ name }) => name).join(', ')} of ${label} it meets`,
      }),
    )
  return {
    devices,
    judged: {
      verdict: 'may',
      parts: ways.flatMap(({ judged }) =>
        judged.parts.map((part) => ({ ...part, verdict: 'may' as const, dependsOn: [...because, ...part.dependsOn] })),
      ),
    },
  }
}
