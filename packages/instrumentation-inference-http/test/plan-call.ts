/** A request of two rows in the Open Inference Protocol, and its answer. */
export const MODEL = '/v2/models/iris/versions/3/infer';
export const INPUTS = {
  inputs: [
    { name: 'age', shape: [2], datatype: 'FP64', data: [31.5, 40] },
    { name: 'plan', shape: [2, 1], datatype: 'BYTES', data: ['free', 'pro'] },
  ],
};
export const OUTPUTS = {
  model_name: 'iris',
  outputs: [{ name: 'predict', shape: [2], datatype: 'INT64', data: [0, 1] }],
};

/** What a span carries of the two. */
export const CAPTURED = {
  'ml.features.age': [31.5, 40],
  'ml.features.plan': ['free', 'pro'],
  'ml.prediction.label': ['0', '1'],
  'ml.capture.probability': 1,
};
