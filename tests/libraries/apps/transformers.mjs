// A text classifier by transformers.js, from a folder: no network.
import { env, pipeline } from '@huggingface/transformers';

env.allowRemoteModels = false;
env.localModelPath = process.argv[2];
const classify = await pipeline('text-classification', 'tiny-bert', { dtype: 'fp32' });
const results = await classify(['a great film', 'awful film']);
console.log(results.map(({ label }) => label).join());
