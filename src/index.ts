// The first import: see there.
import { interrupt, isPostStep } from './step.ts';
import { main } from './main.ts';
import { post } from './post.ts';

await (isPostStep ? post(interrupt) : main(interrupt));
