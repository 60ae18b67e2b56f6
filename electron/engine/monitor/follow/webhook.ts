import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** What became of a delivery. */
export interface Delivery {
  readonly delivered: boolean;
  readonly sentence: string;
}

const LIMIT_MS = 10_000;

/**
 * Posts one alert as JSON to the address that the analyst named. The only request that Bezoar ever sends: no redirect is followed,
 * nothing of the answer but its status is read, and one that fails is told, not repeated.
 *
 * @param text what is sent
 */
export function postToWebhook(address: string, text: string, limitMs = LIMIT_MS): Promise<Delivery> {
  const url = new URL(address);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const failed = (why: string): Delivery => ({
    delivered: false,
    sentence: `The webhook at ${url.host} did not take the alert: ${why}. The alert is kept in the case. Check the address.`,
  });
  return new Promise((resolve) => {
    const body = Buffer.from(text);
    const request = send(
      url,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          'user-agent': 'bezoar',
        },
        signal: AbortSignal.timeout(limitMs),
      },
      (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300)
          resolve({ delivered: true, sentence: `The webhook at ${url.host} took the alert.` });
        else resolve(failed(`it answered ${status}`));
      },
    );
    request.on('error', (error) => {
      const late = error.name === 'TimeoutError' || error.name === 'AbortError';
      resolve(failed(late ? `no answer within ${limitMs / 1000} s` : error.message));
    });
    request.end(body);
  });
}
