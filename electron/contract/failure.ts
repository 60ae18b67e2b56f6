import { z } from 'zod';
import { errorCodes } from './errors.ts';

/**
 * A failure that another process sent. It stands apart from `BezoarError`, which every worker thread loads and which
 * needs nothing to be checked.
 */
export const Failure = z.object({ code: z.enum(errorCodes), sentence: z.string() });
