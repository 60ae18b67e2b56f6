import { z } from 'zod';

// zod otherwise tries to compile code for its objects, which the page's policy forbids and the console reports.
z.config({ jitless: true });
