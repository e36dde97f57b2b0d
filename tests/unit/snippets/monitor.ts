import { monitor } from '@leeway/instrumentation';

const fraud = monitor({ model: { name: 'fraud', version: '7' }, capture: { features: ['amount', 'country'] } });
const risk = fraud.predict({ amount: 12.5, country: 'NL' }, () => ({ label: 'ok', score: 0.93 }));

export { risk };
