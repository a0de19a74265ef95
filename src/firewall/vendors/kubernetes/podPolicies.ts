import type { AddressRange } from '../../addresses.ts'
import { mergedRanges, rangesWithout } from '../../addresses.ts'
import { intervalTexts } from '../../writing/addressTexts.ts'
import type { HostRule } from '../../writing/hostRules.ts'
import { rangesOfEnd } from '../../writing/hostRules.ts'
import { nameOf, ownNames } from '../../writing/plainText.ts'

/** Pods that stand for one machine of the site, known by a label that the user gives them. */
export interface LabelledPods {
  /** `postern/connect01`; its value is {@link labelValue}. */
  readonly label: string
  readonly machines: readonly AddressRange[]
}

/** The policy of such pods. */
export interface PodPolicy extends LabelledPods {
  /** A DNS subdomain (RFC 1123). */
  readonly name: string
  readonly rules: readonly HostRule[]
}

export const labelValue = 'true'

/** Policies for the near ends of rules: machines with the same addresses share one. */
export function podPolicies(rules: readonly HostRule[], site: string): readonly PodPolicy[] {
  const own = ownNames(60)
  const byMachines = Map.groupBy(rules, ({ near }) => intervalTexts(mergedRanges(rangesOfEnd(near))).join())
  return [...byMachines.values()].flatMap((some): readonly PodPolicy[] => {
    const [first] = some
    if (first === undefined) return []
    const host = own(kubernetesName(first.machine, 50))
    const name = `postern-${kubernetesName(site, 50)}-${host}`
    return [{ name, label: `postern/${host}`, machines: mergedRanges(rangesOfEnd(first.near)), rules: some }]
  })
}

/** The pods of other policies that a far end is about, by their labels: blocks of addresses need not stand for pods. */
export function podsAmong(far: readonly AddressRange[], policies: readonly PodPolicy[]): readonly LabelledPods[] {
  const all = mergedRanges(far)
  return policies.filter(({ machines }) => machines.length > 0 && rangesWithout(machines, all).length === 0)
}

/** What the labels stand for, as hints for reading: manifests name no namespace, and are applied to that of the pods. */
export function labelPlaces(policies: readonly PodPolicy[]): Readonly<Record<string, readonly AddressRange[]>> {
  return Object.fromEntries(
    policies.flatMap(({ label, machines }) =>
      machines.length === 0 ? [] : [[`/${label}=${labelValue}`, machines] as const],
    ),
  )
}

/** The rule for the resolver of the cluster, which is the last of each policy that has it, by the name that readers give it. */
export function resolverRules(
  policies: readonly { readonly name: string; readonly egress: number }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    policies.map(({ name, egress }) => [
      `${name} egress[${egress - 1}]`,
      'pods ask the resolver of the cluster for names',
    ]),
  )
}

export function labellingDuty(policies: readonly PodPolicy[]): string {
  const labels = policies.map(({ label }) => `${label}: ${labelValue}`).join(', ')
  return `Pods are chosen by labels that were made from the names in the site file: label the pods that stand for each machine (${labels}), and apply the policies in their namespace`
}

/** Small letters, digits and hyphens, from a letter to no hyphen. */
function kubernetesName(text: string, most: number): string {
  return nameOf(text, '-', most).toLowerCase().replace(/-+$/, '')
}
