import { benchCard } from './card-bench.ts';

benchCard('intel-82574', 'NIC');
