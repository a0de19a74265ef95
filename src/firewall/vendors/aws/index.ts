import type { Reader, Reading } from '../../reader.ts'
import type { RuleSet } from '../../ruleset.ts'
import { countStatements } from '../../text/statements.ts'
import { ownPlaces } from '../ownPlaces.ts'
import { readYaml } from '../yamlTree.ts'
import { aclStages } from './aclStages.ts'
import { readTemplate } from './cloudFormation.ts'
import { readDescribed } from './describe.ts'
import { emptyEstate } from './estate.ts'
import { groupStages, rulesByGroup } from './groupStages.ts'
import { membersOf, titleOf } from './members.ts'
import { routeStages } from './routeStages.ts'
import { readPlan } from './terraform.ts'

export { write } from './write.ts'

/**
 * Security groups, network ACLs and route tables of a VPC: what `aws ec2 describe-…` and `get-managed-prefix-list-entries`
 * give in JSON or YAML, CloudFormation templates, Terraform plans and states; all files together are one device.
 *
 * A machine meets its security groups, then its subnet's network ACL and route table on the way out, and the ACL before
 * the groups on the way in. Who has which groups is taken from network interfaces in the files and from `hints.places`
 * by a group's id or name; where subnets lie from `describe-subnets`, and from `hints.places` by subnet or ACL.
 */
export const read: Reader = (files, given): Reading => {
  const hints = ownPlaces(given)
  const statements = countStatements()
  const estate = emptyEstate()
  for (const file of files) {
    const { documents, faults } = readYaml(file)
    for (const { span, why } of faults) {
      statements.unread(span, why)
      estate.doubts.push({ kind: 'unread', what: `${span.file}, which was not read: ${why}` })
    }
    for (const document of documents) {
      const isRead =
        readPlan(document, estate, statements) ||
        readTemplate(document, estate, statements) ||
        readDescribed(document, file.name, estate, statements)
      if (isRead) continue
      const span = document.span()
      statements.unread(span, 'it is no export of EC2, no CloudFormation template and no Terraform plan')
      estate.doubts.push({ kind: 'unread', what: `what ${span.file} says` })
    }
  }
  const rules = rulesByGroup(estate)
  const coverage = statements.coverage()
  if (estate.groups.size + estate.acls.size + estate.tables.size === 0) return { ruleSets: [], coverage }
  const members = membersOf(estate, hints)
  const out = [groupStages(estate, members, true, rules), aclStages(estate, hints, true), routeStages(estate, hints)]
  const back = [aclStages(estate, hints, false), groupStages(estate, members, false, rules)]
  const all = [...out, ...back]
  const ruleSet: RuleSet = {
    vendor: 'aws',
    name: nameOf([...estate.groups.values(), ...estate.acls.values(), ...estate.tables.values()], files[0]?.name),
    stages: all.flatMap(({ stages }) => stages),
    chains: Object.assign(Object.create(null), ...all.map(({ chains }) => chains)),
    places: [],
    doubts: estate.doubts,
  }
  return { ruleSets: [ruleSet], coverage }
}

/** The only group or ACL there is, else the file. */
function nameOf(owners: readonly { readonly id: string; readonly name: string }[], file = 'aws'): string {
  const [only] = owners
  return only !== undefined && owners.length === 1 ? titleOf(only) : file
}
