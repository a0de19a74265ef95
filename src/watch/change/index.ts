/** Change validation: everything that is watched, before a change and after it. */
export { changeReport } from './changeReport.ts'
