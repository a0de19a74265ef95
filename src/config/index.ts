/**
 * The user's files and words: read, checked, and refused with place and remedy. Reading a file loads the YAML and schema
 * libraries, so a verb imports `loadSite.ts` or `readReport.ts` when it comes to it; this door costs nothing.
 */
export type { ConfigError, Remedy } from './configError.ts'
export { formatConfigErrors } from './configError.ts'
export type { LoadedSite } from './loadSite.ts'
