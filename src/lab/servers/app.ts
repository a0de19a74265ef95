import type { RequestListener } from 'node:http'
import { sendPage } from './page.ts'

/** The company's own app: one page, as its users see it behind the sign-in. */
export const appAnswers: RequestListener = (request, response) => {
  response.setHeader('server', 'nginx')
  if (request.url === '/') sendPage(response, 200, 'Expenses', 'Trips, receipts and approvals of Corp Example.')
  else sendPage(response, 404, 'Not found', 'Expenses has no page here.')
}
