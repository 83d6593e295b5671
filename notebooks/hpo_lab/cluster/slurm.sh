#!/bin/bash
#SBATCH --job-name=optuna
#SBATCH --array=1-8
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=02:00:00
#SBATCH --signal=TERM@120
#SBATCH --output=trabajador_%A_%a.txt

# Se envía con: sbatch slurm.sh
# La contraseña está en ~/.pgpass, con permiso 600; aquí no va.
STORAGE=${STORAGE:-"postgresql+psycopg://optuna@servidor.ejemplo.org/optuna?sslmode=verify-full&sslrootcert=optuna.crt"}
STUDY=${STUDY:-mio}
UNTIL=${UNTIL:-200}

# Un trabajador usa un núcleo: sin esto, las bibliotecas abren un hilo por cada uno.
export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK

# exec: la señal del final le llega al trabajador, que devuelve su trial a la cola.
exec srun python -m hpo_lab.worker --objective mi_modelo.py:objective \
  --storage "$STORAGE" --study-name "$STUDY" --create \
  --until "$UNTIL" --seed "$SLURM_ARRAY_TASK_ID"
