/** What Microsoft requires, as typed rows with source and date, and the pure functions that answer from them. */
import { pages } from './pages.ts'

export type { AddressList } from './addressLists.ts'
export { addressListOfTag, addressListsOf } from './addressListsOf.ts'
export { meantBy, nearInMeaning } from './aliases.ts'
export type {
  Answer,
  AnswerPart,
  NameUse,
  PortGroup,
  PortUse,
} from './answer.ts'
export { answerFor } from './answer.ts'
export type { ClientTimeout } from './clientTimeouts.ts'
export { clientTimeoutOf, clientTimeouts, longRoundTrip } from './clientTimeouts.ts'
export type { CodeCategory, CodeRow } from './codes.ts'
export { codeRows } from './codes.ts'
export { isBuild, isOlderBuild, leastConnectBuild } from './connectBuilds.ts'
export type { FactRow } from './facts.ts'
export { factRows } from './facts.ts'
export type { FeatureRow, ImpliedRole } from './features.ts'
export { featureRows, impliedRoles } from './features.ts'
export type { Condition, FlowRow, Note, Pair } from './flowRow.ts'
export { flowRows } from './flows.ts'
export type { FolkloreRow } from './folklore.ts'
export { folkloreRows } from './folklore.ts'
export type { InspectionRule } from './inspection.ts'
export { inspectionForbidden } from './inspection.ts'
export { isMicrosoftName, namesCovering } from './isMicrosoftName.ts'
export { isMicrosoftIssuer, isMicrosoftRoot } from './microsoftChain.ts'
export type { NameFeature, NamePart, NameRow } from './nameRow.ts'
export { nameFeatures } from './nameRow.ts'
export { nameRows } from './names.ts'
export type { NamedEndpoint } from './namesOf.ts'
export { documentedNameFor, documentedPortsOf, namesOf } from './namesOf.ts'
export { nearest } from './nearest.ts'
export type { Pattern } from './pattern.ts'
export { fillPattern, isHostName, matchesPattern, parsePattern } from './pattern.ts'
export type { InspectionVendor } from './products.ts'
export { consoleProductOf, inspectionVendorOf, inspectionVendors } from './products.ts'
export type { RoleRow } from './roles.ts'
export { opensAs, roleRows } from './roles.ts'
export type { ServiceWords, SpokenService } from './serviceWords.ts'
export { serviceWords } from './serviceWords.ts'
export type { IssuingCaRow, ObservedChain, RootRow } from './tls.ts'
export {
  chainRule,
  issuerNamePatterns,
  issuingCaRows,
  observedChains,
  revocationHosts,
  rootRows,
  scimServerRequirements,
  tlsMinimum,
  windowsTls12,
} from './tls.ts'
export { tokenRules } from './tokens.ts'
export type { UnlistedCode } from './unlistedCode.ts'

/**
 * The date that Microsoft's hybrid identity ports article carried when tables 1 to 7b were read from it (ISO 8601 date):
 * the age of a plan. Other rows come from other pages, older and newer; each carries the date of its own.
 */
export const catalogAsOf: string = pages.ports.asOf
